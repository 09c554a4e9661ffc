import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Delivery } from './delivery.ts';
import { MemoryLink } from './memory-link.ts';

const envelope = { room: 'room', eid: 'e1', ciphertext: new Uint8Array([1]) };

describe('delivery (MESH2)', () => {
  let mesh: MemoryLink;
  let relay: MemoryLink;
  let delivery: Delivery;
  let relayAllowed: boolean;

  beforeEach(() => {
    vi.useFakeTimers();
    mesh = new MemoryLink();
    relay = new MemoryLink();
    relayAllowed = true;
    delivery = new Delivery(mesh, relay, () => relayAllowed);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes directly where a link is open and by the relay where none is, from the first moment', () => {
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob', 'cy']);
    expect(mesh.carried).toEqual([{ eid: 'e1', recipients: ['bob'] }]);
    expect(relay.carried).toEqual([{ eid: 'e1', recipients: ['cy'] }]);
  });

  it('adds nothing to the relay when a direct link acknowledges', () => {
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob']);
    mesh.emit('acknowledged', { eid: 'e1', devices: ['bob'] });
    vi.advanceTimersByTime(60_000);
    expect(relay.carried).toEqual([]);
  });

  it('takes the relay as well when a direct link has not acknowledged after 4 s, and only once', () => {
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob']);
    vi.advanceTimersByTime(3_900);
    expect(relay.carried).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(relay.carried).toEqual([{ eid: 'e1', recipients: ['bob'] }]);
  });

  it('takes the relay at once when the direct link breaks', () => {
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob']);
    mesh.reach();
    expect(relay.carried).toEqual([{ eid: 'e1', recipients: ['bob'] }]);
  });

  it('goes directly after all when a link opens before the relay holds it', () => {
    delivery.dispatch(envelope, ['bob']);
    mesh.reach('bob');
    expect(mesh.carried).toEqual([{ eid: 'e1', recipients: ['bob'] }]);
  });

  it('is done when the relay holds it', () => {
    delivery.dispatch(envelope, ['bob']);
    relay.emit('held', { eid: 'e1', devices: ['bob'] });
    mesh.reach('bob');
    expect(mesh.carried).toEqual([]);
    expect(relay.released).toEqual(['e1']);
  });

  it('keeps what cannot go directly when the site has no relay (MESH4)', () => {
    relayAllowed = false;
    delivery.dispatch(envelope, ['bob']);
    expect(relay.carried).toEqual([]);
    expect(delivery.mayLeaveFor(['bob', 'cy'])).toBe(false);
    mesh.reach('bob');
    expect(delivery.mayLeaveFor(['bob', 'cy'])).toBe(true);
    expect(mesh.carried).toHaveLength(1);
  });

  it('tells the author of a refusal only when no direct link is left', () => {
    const refused = vi.fn();
    delivery.on('refused', refused);
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob', 'cy']);
    relay.emit('refused', { eid: 'e1', room: 'room', devices: ['cy'], code: 'stale-epoch', epoch: 3 });
    expect(refused).toHaveBeenCalledExactlyOnceWith({ eid: 'e1', room: 'room', devices: ['cy'], code: 'stale-epoch', epoch: 3 });
  });

  it('forgets recipients that are settled otherwise', () => {
    relayAllowed = false;
    delivery.dispatch(envelope, ['bob']);
    delivery.settle('e1', ['bob']);
    mesh.reach('bob');
    expect(mesh.carried).toEqual([]);
  });

  it('tells the author of a refusal when the open link does not answer either, so that it is mended', () => {
    const refused = vi.fn();
    delivery.on('refused', refused);
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob']);
    vi.advanceTimersByTime(5_000);
    expect(relay.carried).toHaveLength(1);
    relay.emit('refused', { eid: 'e1', room: 'room', devices: ['bob'], code: 'stale-epoch', epoch: 3 });
    expect(refused).toHaveBeenCalledOnce();
  });

  it('waits for the answer of a link that has just opened before it speaks of a refusal', () => {
    const refused = vi.fn();
    delivery.on('refused', refused);
    delivery.dispatch(envelope, ['bob']);
    mesh.reach('bob');
    relay.emit('refused', { eid: 'e1', room: 'room', devices: ['bob'], code: 'stale-epoch', epoch: 3 });
    expect(refused).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(refused).toHaveBeenCalledOnce();
  });

  it('repeats directly what was not acknowledged when the site has no relay (MESH4), and stops when it was', () => {
    relayAllowed = false;
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob']);
    vi.advanceTimersByTime(9_000);
    expect(mesh.carried).toHaveLength(3);
    mesh.emit('acknowledged', { eid: 'e1', devices: ['bob'] });
    vi.advanceTimersByTime(60_000);
    expect(mesh.carried).toHaveLength(3);
    expect(relay.carried).toEqual([]);
  });

  it('leaves no timer behind when it is stopped', () => {
    mesh.reach('bob');
    delivery.dispatch(envelope, ['bob']);
    delivery.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

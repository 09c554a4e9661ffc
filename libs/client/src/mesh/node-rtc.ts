import wrtc from '@roamhq/wrtc';

const Native: typeof RTCPeerConnection = wrtc.RTCPeerConnection;

/** WebRTC in Node (libwebrtc): as in a browser, but that an offer or answer has to be made by hand before it is set, and rolled back too. */
export class NodePeerConnection extends Native {
  override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    const make = () => (this.signalingState === 'have-remote-offer' ? this.createAnswer() : this.createOffer());
    await super.setLocalDescription(description ?? (await make()));
  }

  /** An offer that meets one of our own takes its place only when told so. */
  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const meets = description.type === 'offer' && this.signalingState === 'have-local-offer';
    if (meets) await super.setLocalDescription({ type: 'rollback', sdp: '' });
    await super.setRemoteDescription(description);
  }
}

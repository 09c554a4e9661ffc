import wrtc from '@roamhq/wrtc';

const Native: typeof RTCPeerConnection = wrtc.RTCPeerConnection;

/** WebRTC in Node (libwebrtc): as in a browser, but that an offer or answer has to be made by hand before it is set. */
export class NodePeerConnection extends Native {
  override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    const make = () => (this.signalingState === 'have-remote-offer' ? this.createAnswer() : this.createOffer());
    await super.setLocalDescription(description ?? (await make()));
  }
}

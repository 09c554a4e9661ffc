/** The numbers both sides keep. Bytes unless the name says otherwise; each is quoted in docs/protocol.md. */
export const limits = {
  protocolVersion: 1,
  /** Text of one message, UTF-8 bytes (MSG3). */
  messageText: 16 * 1024,
  /** One WebSocket frame, either direction. */
  frame: 64 * 1024,
  /** A frame before the ticket was accepted. */
  frameBeforeTicket: 2 * 1024,
  /** Sealed bytes in one envelope: what is left of a frame beside 256 recipients and the header. */
  ciphertext: 56 * 1024,
  /** One commit bundle over HTTP. */
  bundle: 1024 * 1024,
  /** JSON nesting and keys of one frame. */
  jsonDepth: 16,
  jsonKeys: 256,
  devicesPerRoom: 256,
  devicesPerUser: 5,
  directsPerUser: 500,
  /** Room names in graphemes. */
  roomNameMin: 3,
  roomNameMax: 30,
  roomTopic: 250,
  displayNameGraphemes: 40,
  /** What a person says of themselves, graphemes. */
  about: 500,
  /** Address of a push subscription, and what one push carries before it is sealed: services take 4096 with what sealing adds. */
  pushEndpoint: 1_024,
  pushPayload: 3_900,
  /** Own words of one's status, graphemes. */
  statusText: 80,
  usernameMin: 3,
  usernameMax: 20,
  passwordMin: 16,
  passwordMax: 256,
  keyPackagesPerDevice: 50,
  keyPackagesRefillBelow: 20,
  /** Where a page of history begins, for the device that holds it. */
  historyCursor: 128,
  /** Envelopes a drain hands over before it waits for `drain` again. */
  drainPage: 50,
  /** Acknowledgements in one frame. */
  acksPerFrame: 200,
  /** Signalling candidates in one frame; one description. */
  signalData: 24 * 1024,
  /** Body of one `told` message between members; fits one message of a data channel with room to spare. */
  told: 200 * 1024,
  /** Files of one message, and the blurred picture in a descriptor, base64url characters. */
  filesPerMessage: 10,
  filePreview: 1_600,
  /** People named in one message. */
  mentionsPerMessage: 50,
  relayDays: 30,
  /** Commits that a member keeps, and brings back at once to a server that was restored from an older backup (delivery.md D11). */
  commitsRestored: 32,
  /** Epochs behind the current one whose envelopes the relay still takes (delivery.md D5). */
  relayEpochsBehind: 2,
} as const;

/** Mesh and session timing, milliseconds (MESH3). */
export const timing = {
  ticketMs: 30_000,
  helloMs: 5_000,
  accessTokenMs: 5 * 60_000,
  /** Keep-alive between peers, and silence after which a peer is gone. */
  peerKeepAliveMs: 25_000,
  peerGoneMs: 60_000,
  /** Pings of a visible tab, and silence after which a peer is only suspect: the relay carries too. */
  peerPingMs: 2_000,
  peerSuspectMs: 4_000,
  sessionGoneMs: 75_000,
  socketHeartbeatMs: 25_000,
  statusTextMs: 10_000,
  presenceDeltaMs: 250,
  gapWaitMs: 2_000,
  receiptMs: 2_000,
} as const;

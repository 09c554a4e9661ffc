import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Presence } from '../presence/presence.service.ts';
import { Devices } from '../users/devices.service.ts';

/** A removed device's sessions end with it. */
@Injectable()
export class DeviceSessions implements OnModuleInit {
  constructor(
    private readonly devices: Devices,
    private readonly presence: Presence,
  ) {}

  onModuleInit(): void {
    this.devices.onRemoved(async (inside, user, devices) => {
      const ended = await inside.rows<{ id: string }>(
        'update session set ended_at = $1 where device = any($2) and ended_at is null returning id',
        [Date.now(), devices],
      );
      return () => {
        this.presence.endSessions(user, new Set(ended.map(({ id }) => id)));
        this.presence.endDevices(devices);
      };
    });
  }
}

import { Module } from '@nestjs/common';
import { Stun } from './stun.service.ts';

@Module({ providers: [Stun], exports: [Stun] })
export class StunModule {}

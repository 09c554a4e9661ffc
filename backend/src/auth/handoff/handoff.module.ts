import { Module } from '@nestjs/common';
import { HandoffTokens } from './handoff-tokens.service.ts';
import { HandoffUses } from './handoff-uses.service.ts';

@Module({ providers: [HandoffTokens, HandoffUses], exports: [HandoffTokens, HandoffUses] })
export class HandoffModule {}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By what a device tells that a server which was set back has gone on with another group than its own (D11). */
export class Contexts1764400000000 implements MigrationInterface {
  name = 'Contexts1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table room_group add column context bytea');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table room_group drop column context');
  }
}

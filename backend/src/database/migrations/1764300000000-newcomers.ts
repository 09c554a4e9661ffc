import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rooms that show who comes later what was said before (E2E9), so many days back. */
export class Newcomers1764300000000 implements MigrationInterface {
  name = 'Newcomers1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table room add column newcomers_days int');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table room drop column newcomers_days');
  }
}

import angular from 'angular-eslint';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The frontend; backend and libraries are read by oxlint. */
export default defineConfig(
  { ignores: ['**/*', '!frontend', '!frontend/**'] },
  {
    files: ['frontend/src/**/*.ts'],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic, angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    languageOptions: {
      parserOptions: {
        project: [
          'frontend/tsconfig.app.json',
          'frontend/tsconfig.spec.json',
          'frontend/tsconfig.worker.json',
          'frontend/tsconfig.sw.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@angular-eslint/component-selector': ['error', { type: 'element', prefix: 'cv', style: 'kebab-case' }],
      '@angular-eslint/prefer-on-push-component-change-detection': 'off',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-eval': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name=/^bypassSecurityTrust/]',
          message: 'Everything on the screen goes through the sanitiser.',
        },
        {
          selector: 'AssignmentExpression[left.property.name=/^(innerHTML|outerHTML)$/]',
          message: 'Bind by a template, so that it is sanitised.',
        },
        {
          selector: "CallExpression[callee.property.name=/^(insertAdjacentHTML|write)$/][callee.object.name='document']",
          message: 'Bind by a template, so that it is sanitised.',
        },
      ],
    },
  },
  {
    files: ['frontend/src/**/*.html'],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
);

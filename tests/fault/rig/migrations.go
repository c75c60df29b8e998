package rig

import (
	"os"
	"path/filepath"
	"testing"
)

// MigrationsWith is a folder for MIGRATIONS_DIR: what the checkout has, and sql as the last
// migration of the service.
func MigrationsWith(t testing.TB, service, sql string) string {
	t.Helper()
	folder := t.TempDir()
	err := os.CopyFS(folder, os.DirFS(filepath.Join(Checkout(), "migrations")))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, service, "V999__last.sql"), []byte(sql), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

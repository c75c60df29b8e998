package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"orderspayments/tests/fault/postgres"
	"orderspayments/tests/fault/rig"
)

// diskBytes holds two fresh databases and what the load writes.
const diskBytes = "256m"

// Row 8. Orders are refused while the disk is full, and accepted once there is room again;
// Postgres may give up meanwhile, and is then started again.
func TestAFullDiskOfTheDatabaseLosesNothing(t *testing.T) {
	disk := smallDisk(t)
	server := postgres.New(t, disk)
	auditServer(t, server)
	system := rig.Start(t, rig.Options{})
	payers, load := startLoad(t, system, 1)
	awaitApplied(t, payments(system))

	fillUp(t, disk)
	for range shortOrLong(5, 200) {
		awaitRefused(t, orders(system).URL, payers.IDs[0])
	}
	empty(t, disk)
	if !server.Runs() {
		t.Log("Postgres gave up")
		server.Start()
	}
	awaitAccepted(t, orders(system).URL, payers.IDs[0])
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
	server.Stop()
	server.CheckSums()
}

// smallDisk is a file system of the test's own.
func smallDisk(t *testing.T) string {
	t.Helper()
	disk := postgres.Folder(t, "disk")
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "mode=0755,size="+diskBytes); err != nil {
		t.Skipf("this user may not mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return disk
}

const ballast = "ballast"

func fillUp(t *testing.T, disk string) {
	t.Helper()
	file, err := os.Create(filepath.Join(disk, ballast))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

func empty(t *testing.T, disk string) {
	t.Helper()
	if err := os.Remove(filepath.Join(disk, ballast)); err != nil {
		t.Fatal(err)
	}
}

// awaitRefused waits for a 503: as long as there is room in pages that are there, orders are
// accepted.
func awaitRefused(t *testing.T, gateway, user string) {
	t.Helper()
	await(t, "a 503", func(ctx context.Context) error {
		found, err := ask(ctx, http.MethodPost, gateway+"/orders", user)
		if err == nil && found.status != http.StatusServiceUnavailable {
			err = fmt.Errorf("answered %v", found)
		}
		return err
	})
}

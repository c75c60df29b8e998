package postgres

import (
	"os"
	"path/filepath"
)

// Standby makes and runs a server in the folder that follows this one. From then on this one
// acknowledges no commit that the standby has not on its disk.
func (s *Server) Standby(folder string) *Server {
	s.t.Helper()
	standby := prepare(s.t, folder)
	standby.programs = s.programs
	standby.Follow(s)
	return standby
}

// Follow makes a server that was stopped, or never ran, anew as the standby of another.
func (s *Server) Follow(primary *Server) {
	s.t.Helper()
	folder := filepath.Dir(s.data)
	if err := os.RemoveAll(s.data); err != nil {
		s.t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		owner := postgresUser(s.t)
		if err := os.Chown(folder, int(owner.Uid), int(owner.Gid)); err != nil {
			s.t.Fatal(err)
		}
	}
	primary.tool("pg_basebackup", "--host=127.0.0.1", "--port="+primary.Port, "--username=postgres",
		"--pgdata="+s.data, "--write-recovery-conf", "--checkpoint=fast")
	s.Start()
	primary.Exec(`ALTER SYSTEM SET synchronous_standby_names = '*'`, `SELECT pg_reload_conf()`)
	primary.Await(`SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')`)
}

// Promote makes a standby a primary, which takes writes when this returns.
func (s *Server) Promote() {
	s.t.Helper()
	s.Exec(`SELECT pg_promote()`)
	s.Await(`SELECT NOT pg_is_in_recovery()`)
}

// Demote lets no new transaction write. It returns when none that may is under way.
func (s *Server) Demote() {
	s.t.Helper()
	s.Exec(`ALTER SYSTEM SET default_transaction_read_only = on`, `SELECT pg_reload_conf()`)
	s.Await(`SELECT current_setting('default_transaction_read_only')::boolean AND NOT EXISTS (
		SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND backend_xid IS NOT NULL)`)
}

// Package postgres runs Postgres servers of a test's own, beside those of LOCAL_DIR and made
// by the same scripts: on a disk that fills up, or one standing by for the other. Each holds
// the databases of both services. What goes wrong fails the test, and ends it.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const (
	startTimeout = 30 * time.Second
	// checkout is the folder of go.mod, from where tests/fault runs.
	checkout = "../.."
	password = "POSTGRES_PASSWORD"
)

// Server is one Postgres server, which may run and end several times.
type Server struct {
	Port string

	t        testing.TB
	programs string // their folder: of the version that made the data
	data     string
	// ended is nil before the first start, and closed while it does not run.
	ended   chan struct{}
	process *os.Process
}

// Folder is where a server's data may be: Postgres' own user reaches it. It goes when the test
// ends.
func Folder(t testing.TB, name string) string {
	t.Helper()
	place, err := filepath.EvalSymlinks(filepath.Join(os.Getenv("LOCAL_DIR"), "data"))
	if err == nil {
		place = filepath.Join(place, "test-"+name)
		err = errors.Join(os.RemoveAll(place), os.Mkdir(place, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(place) })
	return place
}

// New makes a server in the folder, runs it and migrates both databases. The settings,
// lines of postgresql.conf, come after those of deploy/local.
func New(t testing.TB, folder string, settings ...string) *Server {
	t.Helper()
	s := prepare(t, folder)
	if err := script("postgres.sh", "prepare", "test", s.data, s.Port); err != nil {
		t.Fatal(err)
	}
	line, err := exec.Command(filepath.Join(checkout, "deploy/local/postgres.sh"), "command", s.data).Output()
	if err != nil {
		t.Fatal(err)
	}
	server, _, _ := strings.Cut(string(line), " ")
	s.programs = filepath.Dir(server)
	s.appendTo("postgresql.conf", settings...)
	s.appendTo("pg_hba.conf", "host replication all 127.0.0.1/32 scram-sha-256")
	s.Start()
	var migrations errgroup.Group
	for _, name := range []string{"orders", "payments"} {
		// One after the other: roles belong to both.
		if err := script("postgres.sh", "database", name, s.Port); err != nil {
			t.Fatal(err)
		}
		migrations.Go(func() error { return script("flyway.sh", name, s.Port) })
	}
	if err := migrations.Wait(); err != nil {
		t.Fatal(err)
	}
	return s
}

func prepare(t testing.TB, folder string) *Server {
	t.Helper()
	_, port, err := net.SplitHostPort(rig.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Port: port, t: t, data: filepath.Join(folder, "data")}
	t.Cleanup(s.Kill)
	return s
}

// Start runs it, and returns when it takes clients.
func (s *Server) Start() {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(os.Getenv("LOCAL_DIR"), "logs", "postgres-test-"+s.Port+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	command := s.command("postgres", "-D", s.data, "-c", "port="+s.Port)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	s.process, s.ended = command.Process, ended
	go func() {
		command.Wait() // by a signal, mostly
		close(ended)
	}()
	err = support.Within(s.t.Context(), startTimeout, func(ctx context.Context) error {
		return support.DatabaseAccepts(ctx, s.url())
	})
	if err != nil {
		s.t.Fatalf("postgres at %s: %v", s.Port, err)
	}
}

// Runs is whether it has not ended.
func (s *Server) Runs() bool {
	if s.ended == nil {
		return false
	}
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// Kill is kill -9.
func (s *Server) Kill() { s.signal(syscall.SIGKILL) }

// Stop ends it in an orderly way, and all of its clients.
func (s *Server) Stop() { s.signal(syscall.SIGINT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if !s.Runs() {
		return
	}
	if err := s.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	select {
	case <-s.ended:
	case <-time.After(startTimeout):
		s.t.Errorf("postgres at %s does not end by %v", s.Port, signal)
	}
}

// CheckSums reads all data of a server that was stopped, and demands that it is whole.
func (s *Server) CheckSums() {
	s.t.Helper()
	s.tool("pg_checksums", "--check", "--pgdata="+s.data)
}

// Exec runs statements as superuser, one after the other.
func (s *Server) Exec(statements ...string) {
	s.t.Helper()
	connection, err := pgx.Connect(s.t.Context(), s.url())
	if err != nil {
		s.t.Fatal(err)
	}
	defer connection.Close(s.t.Context())
	for _, statement := range statements {
		if _, err := connection.Exec(s.t.Context(), statement); err != nil {
			s.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Await waits until the query, a superuser's, gives true.
func (s *Server) Await(query string) {
	s.t.Helper()
	err := support.Within(s.t.Context(), startTimeout, func(ctx context.Context) error {
		connection, err := pgx.Connect(ctx, s.url())
		if err != nil {
			return err
		}
		defer connection.Close(ctx)
		var is bool
		if err := connection.QueryRow(ctx, query).Scan(&is); err != nil {
			return err
		}
		if !is {
			return errors.New("it is not so")
		}
		return nil
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

func (s *Server) url() string {
	return fmt.Sprintf("host=127.0.0.1 port=%s dbname=postgres user=postgres password=%s", s.Port, support.Setting(password, "postgres"))
}

func (s *Server) appendTo(file string, lines ...string) {
	s.t.Helper()
	text := []byte(strings.Join(lines, "\n") + "\n")
	configuration, err := os.OpenFile(filepath.Join(s.data, file), os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = configuration.Write(text)
		err = errors.Join(err, configuration.Close())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// script runs one of deploy/local.
func script(name string, arguments ...string) error {
	output, err := exec.Command(filepath.Join(checkout, "deploy/local", name), arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, arguments, err, output)
	}
	return nil
}

// tool runs a program of this server's version to its end.
func (s *Server) tool(name string, arguments ...string) {
	s.t.Helper()
	if output, err := s.command(name, arguments...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v: %s", name, err, output)
	}
}

// command runs as Postgres' own user if this is root, whom Postgres refuses. Should the tests
// die, deploy/local/down.sh finds it by its environment.
func (s *Server) command(program string, arguments ...string) *exec.Cmd {
	s.t.Helper()
	command := exec.Command(filepath.Join(s.programs, program), arguments...)
	command.Dir = "/"
	command.Env = append(os.Environ(), "LOCAL_SYSTEM="+os.Getenv("LOCAL_DIR"), "PGPASSWORD="+support.Setting(password, "postgres"))
	command.SysProcAttr = &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		command.SysProcAttr.Credential = postgresUser(s.t)
	}
	return command
}

func postgresUser(t testing.TB) *syscall.Credential {
	t.Helper()
	found, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

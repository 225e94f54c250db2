package b24sql_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24sql"
)

// server is a database server of a test's own, which it may kill.
type server struct {
	testing.TB

	engine

	name    string // its account, if the tests run as root
	start   []string
	crash   syscall.Signal
	command *exec.Cmd
}

// account returns what a command needs to run as the server's account: it refuses to run as root.
func (s *server) account() (*syscall.SysProcAttr, int, int) {
	s.Helper()
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, os.Geteuid(), os.Getegid()
	}
	u, err := user.Lookup(s.name)
	if err != nil {
		missing(s, s.dialect.String(), err)
	}
	uid, err := strconv.Atoi(u.Uid)
	require.NoError(s, err)
	gid, err := strconv.Atoi(u.Gid)
	require.NoError(s, err)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, uid, gid
}

// make prepares a command of the server's account.
func (s *server) make(args []string) *exec.Cmd {
	s.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr, _, _ = s.account()
	cmd.Dir = os.TempDir()
	return cmd
}

// run starts the server, once more after it was killed, and waits until it answers.
func (s *server) run() {
	s.Helper()
	s.command = s.make(s.start)
	require.NoError(s, s.command.Start())
	db := s.connect(s)
	require.Eventually(s, func() bool { return db.PingContext(s.Context()) == nil }, time.Minute, 5*time.Millisecond)
}

// kill ends the server as a crash does.
func (s *server) kill() {
	_ = s.command.Process.Signal(s.crash)
	_ = s.command.Wait()
}

// free returns a free port.
func free(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(tb, errors.Join(err, listener.Close()))
	return port
}

// directory returns a directory that belongs to the server's account.
func (s *server) directory() string {
	s.Helper()
	_, uid, gid := s.account()
	// The directory of a test is closed to other accounts.
	dir, err := os.MkdirTemp("", "b24sql")
	require.NoError(s, err)
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(s, os.Chown(dir, uid, gid))
	return dir
}

// own starts a server for a test.
func (s *server) own(install []string) *server {
	s.Helper()
	out, err := s.make(install).CombinedOutput()
	require.NoError(s, err, string(out))
	s.Cleanup(func() {
		if s.command != nil && s.command.Process != nil {
			_ = s.command.Process.Kill()
			_ = s.command.Wait()
		}
	})
	s.run()
	return s
}

// ownPostgres starts PostgreSQL with some settings.
func ownPostgres(tb testing.TB, settings ...string) *server {
	tb.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		missing(tb, "PostgreSQL", exec.ErrNotFound)
	}
	bin, port := filepath.Dir(found[len(found)-1]), free(tb)
	s := &server{TB: tb, name: "postgres", crash: syscall.SIGQUIT} // without a checkpoint
	s.engine = newEngine("pgx", "postgres://postgres@127.0.0.1:"+port+"/postgres?connect_timeout=2", b24sql.PostgreSQL)
	dir := s.directory()
	s.start = []string{filepath.Join(bin, "postgres"), "-D", dir, "-p", port, "-c", "listen_addresses=127.0.0.1", "-k", dir}
	for _, setting := range settings {
		s.start = append(s.start, "-c", setting)
	}
	return s.own([]string{filepath.Join(bin, "initdb"), "-A", "trust", "-U", "postgres", "--no-sync", "-D", dir})
}

// ownMySQL starts MariaDB with some settings.
func ownMySQL(tb testing.TB, settings ...string) *server {
	tb.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(tb, "MariaDB", err)
		}
	}
	port := free(tb)
	s := &server{TB: tb, name: "mysql", crash: syscall.SIGKILL}
	s.engine = newEngine("mysql", "root@tcp(127.0.0.1:"+port+")/test?timeout=2s", b24sql.MySQL)
	dir := s.directory()
	s.start = append([]string{"mariadbd", "--no-defaults", "--datadir=" + dir, "--port=" + port, "--bind-address=127.0.0.1", "--socket=" + filepath.Join(dir, "s")}, settings...)
	return s.own([]string{"mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--datadir=" + dir})
}

// refused checks that New refuses a database with more options in its address, and that it serves
// as a volatile store.
func refused(tb testing.TB, e engine, options string, want ...string) {
	tb.Helper()
	e.dsn += options
	db := e.connect(tb)
	defer func() { require.NoError(tb, db.Close()) }() // without autocommit it holds locks
	_, err := b24sql.New(tb.Context(), db, e.dialect, e.table)
	for _, text := range want {
		require.ErrorContains(tb, err, text)
	}
	if len(want) == 0 {
		require.NoError(tb, err)
	}
	_, err = b24sql.New(tb.Context(), db, e.dialect, e.table, b24sql.WithVolatile())
	require.NoError(tb, err)
}

// within returns how long a call takes that has the time that the library gives a store.
func within(tb testing.TB, call func(ctx context.Context) error) (time.Duration, error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	begun := time.Now()
	err := call(ctx)
	return time.Since(begun), err
}

const patience = 250 * time.Millisecond

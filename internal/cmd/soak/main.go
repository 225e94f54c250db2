// Command soak runs a mixed load through the client against fake portals on
// loopback that fail at random, and compares what callers were told with what the
// portals hold.
//
//	go run ./internal/cmd/soak -for 10m [-seed N] [-workers N] [-report FILE]
//
// Three portals are called: one that refuses at random, one with a real limit of
// requests, and one that is renamed again and again. The load comes in rounds;
// after each, all rows and levels are counted, and the portals are replaced. The
// report is Markdown. The exit code is 1 if an invariant does not hold, 2 if the
// soak could not run. An interrupt ends the soak early, with its report.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt kills the program
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitHolds = iota
	exitViolated
	exitFailed
)

// run soaks according to args and returns the exit code.
func run(ctx context.Context, args []string, out, usage io.Writer) int {
	cfg, file, err := parse(args, usage)
	if err != nil {
		return exitFailed
	}
	s := newSoak(cfg)
	s.revision = revision(context.WithoutCancel(ctx))
	err = s.run(ctx)
	command := strings.Join(append([]string{"go run ./internal/cmd/soak"}, args...), " ")
	err = errors.Join(err, s.report(out, command), s.save(file, command))
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(usage, "soak:", err)
		return exitFailed
	case s.found.total() > 0:
		return exitViolated
	default:
		return exitHolds
	}
}

func parse(args []string, usage io.Writer) (config, string, error) {
	cfg := config{patience: 5 * time.Second}
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.DurationVar(&cfg.duration, "for", 0, "how long to soak; 0: until -ops or an interrupt")
	flags.Int64Var(&cfg.ops, "ops", 0, "how many operations to do; 0: any number")
	flags.Int64Var(&cfg.round, "round", 4000, "how many operations between two measurements")
	flags.Uint64Var(&cfg.seed, "seed", 0, "seed of all choices; 0: any")
	flags.IntVar(&cfg.workers, "workers", 16, "how many operations are under way at once")
	file := flags.String("report", "", "file to write the report to, too")
	if err := flags.Parse(args); err != nil {
		return cfg, "", err
	}
	if cfg.seed == 0 {
		cfg.seed = rand.Uint64() //nolint:gosec // any seed is suitable, the report shows it
	}
	if cfg.round < 1 || cfg.workers < 1 || cfg.ops < 0 || cfg.duration < 0 {
		_, _ = fmt.Fprintln(usage, "soak: -round and -workers must be positive, -ops and -for not negative")
		return cfg, "", errors.ErrUnsupported
	}
	return cfg, *file, nil
}

// save writes the report to a file, if one was requested.
func (s *soak) save(file, command string) error {
	if file == "" {
		return nil
	}
	var b strings.Builder
	if err := s.report(&b, command); err != nil {
		return err
	}
	const readable = 0o644
	return os.WriteFile(file, []byte(b.String()), readable) //nolint:gosec // G703: the path is the caller's own
}

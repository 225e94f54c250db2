package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// measurement is a run of benchmarks, or of tests that log in their format.
type measurement struct {
	pkg   string
	bench string // pattern of benchmarks
	test  string // pattern of tests; empty: bench applies
	env   string // for the tests
	time  string // per benchmark
	cpus  string // empty: all
}

// measurer performs each measurement once.
type measurer struct {
	rounds   int
	progress io.Writer
	done     map[measurement]*results
	cpu      string // as the benchmarks report it
}

func (m *measurer) measure(ctx context.Context, of measurement) (*results, error) {
	if r := m.done[of]; r != nil {
		return r, nil
	}
	_, _ = fmt.Fprintf(m.progress, "measuring %s%s of %s\n", of.bench, of.test, of.pkg)
	measure := m.benchmarks
	if of.test != "" {
		measure = m.tests
	}
	r := &results{}
	if err := measure(ctx, of, r); err != nil {
		return nil, err
	}
	m.done[of] = r
	if r.cpu != "" {
		m.cpu = r.cpu
	}
	return r, nil
}

// benchmarks run alternating, so that a slowdown of the machine affects all of them.
func (m *measurer) benchmarks(ctx context.Context, of measurement, r *results) error {
	dir, err := os.MkdirTemp("", "benchmarks")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	binary := filepath.Join(dir, "test")
	if _, err := output(ctx, "", nil, "go", "test", "-c", "-o", binary, of.pkg); err != nil {
		return err
	}
	args := []string{"-test.run=^$", "-test.benchmem", "-test.bench=" + of.bench, "-test.benchtime=" + of.time, "-test.timeout=30m"}
	if of.cpus != "" {
		args = append(args, "-test.cpu="+of.cpus)
	}
	for range m.rounds {
		text, err := output(ctx, of.pkg, nil, binary, args...)
		if err == nil {
			err = r.add(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tests run once, because they measure virtual time, which is the same each time.
func (*measurer) tests(ctx context.Context, of measurement, r *results) error {
	text, err := output(ctx, "", []string{of.env}, "go", "test", "-count=1", "-v", "-timeout=60m", "-run", of.test, of.pkg)
	if err != nil {
		return err
	}
	return r.add(text)
}

// machine describes where the times were measured.
func (m *measurer) machine() string {
	return fmt.Sprintf("%d CPUs of %s, %s, %s/%s", runtime.NumCPU(), m.cpu, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// output runs a command; if it fails, the error includes its output.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // G204: go, and the binary it built
	cmd.Dir, cmd.Env = dir, slices.Concat(os.Environ(), env)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", filepath.Base(name), err, text, stderr.Bytes())
	}
	return text, nil
}

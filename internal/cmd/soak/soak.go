package main

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// config is the values of the flags.
type config struct {
	duration time.Duration // 0: no bound
	ops      int64         // 0: no bound
	round    int64         // operations between two measurements
	seed     uint64
	workers  int
	patience time.Duration // for what is about to end when levels are counted
}

// soak is a run: its sites and its findings.
type soak struct {
	config

	found  *findings
	ledger *ledger
	leaks  *leaks
	counts *counts
	sites  []*site

	revision string // of the source, "" if unknown

	ops    atomic.Int64 // done so far
	rounds int
	took   time.Duration

	connections int // made in all

	idle, opened, ended levels // before anything was opened, before the first request, and after all was closed
	first, most, last   levels // between rounds
}

func newSoak(cfg config) *soak {
	found := &findings{}
	return &soak{
		config: cfg, found: found, ledger: newLedger(found), counts: &counts{},
		leaks: newLeaks(found, hookSecret, paramSecret),
	}
}

// run soaks until ctx, the time or the operations end.
func (s *soak) run(ctx context.Context) error {
	if err := warm(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	s.idle = measure(0)
	started := time.Now()
	err := s.open(context.WithoutCancel(ctx)) // an interrupt at this time must also get its report
	if err == nil {
		err = s.soak(ctx)
	}
	s.took = time.Since(started)
	return s.close(context.WithoutCancel(ctx), err)
}

func (s *soak) open(ctx context.Context) error {
	for i, kind := range kinds() {
		site, err := newSite(ctx, kind, source(s.seed, uint64(i)).Uint64(), s.leaks)
		if site != nil {
			s.sites = append(s.sites, site)
		}
		if err != nil {
			return fmt.Errorf("site %s: %w", kind.name, err)
		}
	}
	s.opened = s.measure(ctx)
	return nil
}

func (s *soak) soak(ctx context.Context) error {
	if s.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.duration)
		defer cancel()
	}
	workers := make([]*worker, s.workers)
	for i := range workers {
		workers[i] = &worker{soak: s, name: strconv.Itoa(i), rnd: source(s.seed, 1000, uint64(i))}
	}
	rnd := source(s.seed, 2000)
	for ctx.Err() == nil && (s.config.ops == 0 || s.ops.Load() < s.config.ops) {
		for _, site := range s.sites {
			if err := site.newStage(rnd); err != nil { //nolint:contextcheck // a portal lives for the whole round
				return fmt.Errorf("portal of site %s: %w", site.name, err)
			}
		}
		s.play(ctx, workers)
		s.clear(context.WithoutCancel(ctx)) // also if the soak is over
	}
	return nil
}

// play runs all workers for a round.
func (s *soak) play(ctx context.Context, workers []*worker) {
	left := s.round
	if s.config.ops > 0 {
		left = min(left, s.config.ops-s.ops.Load())
	}
	var tickets atomic.Int64
	tickets.Store(left)
	next := func() bool {
		if tickets.Add(-1) < 0 {
			return false
		}
		s.ops.Add(1)
		return true
	}
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() { w.work(ctx, next) })
	}
	wg.Wait()
}

// clear ends a round: the ledger gets the rows of the portals, which are then removed.
func (s *soak) clear(ctx context.Context) {
	for _, site := range s.sites {
		site.quiet(ctx, s.patience)
		site.stage.Load().book(s.ledger)
		site.pause()
	}
	s.ledger.settle()
	s.rounds++
	s.last = s.measure(ctx)
	if s.rounds == 1 {
		s.first = s.last
	}
	s.most = s.most.highest(s.last)
}

// measure counts while nothing is in flight. What net/http started for abandoned requests takes a
// moment to end.
func (s *soak) measure(ctx context.Context) levels {
	if want := s.opened.goroutines; want > 0 {
		until(ctx, s.patience, func() bool { return runtime.NumGoroutine() <= want })
	}
	open := 0
	for _, site := range s.sites {
		open += site.conns.open()
	}
	return measure(open)
}

// close closes all sites and compares the levels.
func (s *soak) close(ctx context.Context, err error) error {
	made := 0
	for _, site := range s.sites {
		if closeErr := site.close(ctx, s.patience); err == nil {
			err = closeErr
		}
		made += int(site.conns.made.Load())
	}
	s.connections = made
	until(ctx, s.patience, func() bool { return runtime.NumGoroutine() <= s.idle.goroutines })
	s.ended = measure(0)
	if s.rounds > 0 {
		flat("between rounds", s.opened, s.last, s.found)
		flatHeap("between rounds", s.first, s.last, s.found)
	}
	flat("at the end", s.idle, s.ended, s.found)
	return err
}

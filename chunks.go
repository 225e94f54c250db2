package b24

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"
)

// A batch has 60 s at the portal (protocol.md 7.2): chunks shrink before, and grow
// again when they are quick.
const (
	slowChunk  = 25 * time.Second
	quickChunk = 10 * time.Second
)

// chunkSize is how many commands go together.
type chunkSize int

// after returns the size of the chunks to come, after one that took d at the
// portal and failed with err as a whole, or did not.
func (s chunkSize) after(d time.Duration, err error) chunkSize {
	lost, isLost := errors.AsType[*TransportError](err)
	switch {
	case d > slowChunk, isLost && lost.outcome == OutcomeUnknown:
		return max(1, s/2)
	case d < quickChunk:
		return min(maxCommands, 2*s)
	default:
		return s
	}
}

// cuts tells where a batch may be cut without parting commands that refer to each
// other: cuts[i] is before command i.
func cuts(all []*job) []bool {
	free := slices.Repeat([]bool{true}, len(all)+1)
	for _, j := range all {
		for _, ref := range j.refs {
			for i := ref.to + 1; i <= j.index; i++ {
				free[i] = false
			}
		}
	}
	return free
}

// cut returns the end of the chunk that begins at from: size commands, fewer or
// more where commands refer to each other; false where 50 are not enough.
func cut(free []bool, from int, size chunkSize) (int, bool) {
	last := len(free) - 1
	end := min(from+int(size), last)
	for i := end; i > from; i-- {
		if free[i] {
			return i, true
		}
	}
	for i := end + 1; i <= min(from+maxCommands, last); i++ {
		if free[i] {
			return i, true
		}
	}
	return 0, false
}

// checkCuts makes sure that every chunk has an end.
func checkCuts(free []bool) error {
	for from := 0; from < len(free)-1; {
		end, ok := cut(free, from, 1)
		if !ok {
			return ErrBatchTooLong
		}
		from = end
	}
	return nil
}

// inOrder lets up to n tasks run at once and gives their results to take, in the
// order of the tasks. It ends when next has no more or take wants no more, and
// when all tasks have ended. next and take run in the goroutine of the caller.
func inOrder[T any](n int, next func() (task func() T, ok bool), take func(T) bool) {
	var running []chan T
	defer func() {
		for _, result := range running {
			<-result
		}
	}()
	more := true
	for {
		for more && len(running) < n {
			var task func() T
			if task, more = next(); more {
				result := make(chan T, 1)
				running = append(running, result)
				go func() { result <- task() }()
			}
		}
		if len(running) == 0 {
			return
		}
		result := <-running[0]
		running = running[1:]
		if !take(result) {
			return
		}
	}
}

// chunk is what became of some jobs that went together.
type chunk struct {
	jobs []*job
	time Timing
	took time.Duration // at the portal
	lost error         // the request failed as a whole
}

// chunked sends all jobs of a batch by chunks and returns the timing of the last.
func (c *client) chunked(ctx context.Context, a api, all []*job, o callOptions) (Timing, error) {
	free := cuts(all)
	if err := checkCuts(free); err != nil {
		return Timing{}, err
	}
	var last Timing
	size, from, done := chunkSize(maxCommands), 0, 0
	run := c.newBatchRun(a, all, o)
	halted := false
	inOrder(o.workers(),
		func() (func() chunk, bool) {
			if halted || from == len(all) {
				return nil, false
			}
			end, _ := cut(free, from, size)
			jobs := all[from:end]
			from = end
			return func() chunk { return run.chunk(ctx, jobs) }, true
		},
		func(sent chunk) bool {
			last, size = sent.time, size.after(sent.took, sent.lost)
			done += len(sent.jobs)
			o.report(Progress{Done: done, Total: len(all)})
			halted = halted || run.halt && slices.ContainsFunc(sent.jobs, (*job).failed)
			return true
		})
	for _, j := range all[from:] {
		j.answer = c.failed(j, ErrNotExecuted)
	}
	return last, nil
}

// chunk sends jobs in a run of their own.
func (b *batchRun) chunk(ctx context.Context, jobs []*job) chunk {
	own := *b
	own.run(ctx, jobs)
	took := own.time.Duration.V
	return chunk{jobs: jobs, time: own.time, took: took, lost: own.whole}
}

// StreamBatch calls any number of commands, in batches of up to 50, and yields
// one answer for each command taken from cmds, in their order. A command that
// failed comes with its error, which is that of AjaxResult.Err too. Memory is
// bounded: WithConcurrency batches are under way at once, 1 by default.
//
// After a failure no further commands are taken, unless WithHaltOnError(false) is
// given; those of the same batch that did not run come with an error that matches
// ErrNotExecuted. A command that cannot be sent fails like any other; one that a
// batch cannot carry is sent as a call of its own, in its place. Leaving the loop
// ends the calls under way; what they were doing is then not known.
//
// Without an answer for a whole batch the *AjaxResult may be nil, where c is not
// a client of this package.
func StreamBatch(ctx context.Context, c Client, cmds iter.Seq[Command], opts ...CallOption) iter.Seq2[*AjaxResult, error] {
	return func(yield func(*AjaxResult, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		pull, stop := iter.Pull(cmds)
		defer stop()
		s := stream{client: c, opts: append(slices.Clip(opts), WithProgress(nil), lenient()), size: maxCommands, pull: pull}
		s.run(ctx, newCallOptions(opts), func(r *AjaxResult, err error) bool {
			if yield(r, err) {
				return true
			}
			cancel()
			return false
		})
	}
}

// stream is a StreamBatch under way.
type stream struct {
	client Client
	opts   []CallOption
	size   chunkSize
	pull   func() (Command, bool)
}

// streamed is what became of some commands that went together.
type streamed struct {
	n      int
	result *BatchResult
	err    error
}

func (s *stream) run(ctx context.Context, o callOptions, yield func(*AjaxResult, error) bool) {
	halted, done := false, 0
	inOrder(o.workers(),
		func() (func() streamed, bool) {
			list := s.take(halted)
			return func() streamed {
				r, err := s.client.CallBatchByChunk(ctx, list, s.opts...)
				return streamed{len(list), r, err}
			}, len(list) > 0
		},
		func(sent streamed) bool {
			halted = halted || sent.err != nil && !o.goOn
			if sent.result != nil {
				s.size = s.size.after(sent.result.time.Duration.V, sent.err)
			}
			done += sent.n
			o.report(Progress{Done: done, Total: -1})
			return sent.each(yield)
		})
}

func (s *stream) take(halted bool) Commands {
	var list Commands
	for !halted && len(list) < int(s.size) {
		command, ok := s.pull()
		if !ok {
			break
		}
		list = append(list, command)
	}
	return list
}

func (s streamed) each(yield func(*AjaxResult, error) bool) bool {
	for i := range s.n {
		if s.result == nil {
			if !yield(nil, s.err) {
				return false
			}
			continue
		}
		row := s.result.At(i)
		if !yield(row, row.Err()) {
			return false
		}
	}
	return true
}

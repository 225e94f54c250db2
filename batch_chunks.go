package b24

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/b24go/b24/internal/worker"
)

// A portal ends a batch after 60 s (docs/protocol.md 7.2): chunks shrink before that, and grow
// again while they are quick.
const (
	slowChunk  = 25 * time.Second
	quickChunk = 10 * time.Second
)

// chunkSize is the number of commands sent together.
type chunkSize int

// after returns the size of the next chunks, after a chunk of sent commands. It depends on sent and
// not only on s, because chunks of an older size may still be in flight.
func (s chunkSize) after(sent int, c chunk) chunkSize {
	lost, isLost := errors.AsType[*TransportError](c.lost)
	switch {
	case c.longest > slowChunk, isLost && lost.known == OutcomeUnknown:
		return min(s, max(1, chunkSize(sent)/2))
	case c.longest < quickChunk:
		return max(s, min(maxCommands, 2*chunkSize(sent)))
	default:
		return s
	}
}

// cuts reports where a batch may be cut without separating commands that refer to each other:
// cuts[i] is before command i. It counts the references that begin and end at each command, because
// all of them may refer to the first one.
func cuts(all []*job) []bool {
	begin := make([]int, len(all)+2)
	for _, j := range all {
		for _, ref := range j.refs {
			begin[ref.to+1]++
			begin[j.index+1]--
		}
	}
	free, over := make([]bool, len(all)+1), 0
	for i := range free {
		over += begin[i]
		free[i] = over == 0
	}
	return free
}

// cut returns the end of the chunk that begins at from: size commands, or fewer or more if commands
// refer to each other. It is false if even most commands are not enough.
func cut(free []bool, from int, size chunkSize, most int) (int, bool) {
	last := len(free) - 1
	end := min(from+int(size), last)
	for i := end; i > from; i-- {
		if free[i] {
			return i, true
		}
	}
	for i := end + 1; i <= min(from+most, last); i++ {
		if free[i] {
			return i, true
		}
	}
	return 0, false
}

// checkCuts makes sure that every chunk has an end.
func checkCuts(free []bool, most int) error {
	for from := 0; from < len(free)-1; {
		end, ok := cut(free, from, 1, most)
		if !ok {
			return ErrBatchTooLong
		}
		from = end
	}
	return nil
}

// chunk describes the requests that some commands took.
type chunk struct {
	time    Timing        // of the last request
	longest time.Duration // longest time of a request at the portal
	lost    error         // failure of the last request as a whole
}

// sentJobs are jobs that were sent together.
type sentJobs struct {
	chunk

	jobs []*job
}

// chunked sends all jobs of a batch in chunks.
func (c *client) chunked(ctx context.Context, d dialect, all []*job, o callOptions) (chunk, error) {
	most := maxCommands
	if o.singly {
		most = len(all)
	}
	free := cuts(all)
	if err := checkCuts(free, most); err != nil {
		return chunk{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last chunk
	size, from, done, halted := chunkSize(maxCommands), 0, 0, false
	b := c.newBatch(d, all, o)
	concurrently(o.workers(), cancel,
		func() func() sentJobs {
			if halted || from == len(all) {
				return nil
			}
			end, _ := cut(free, from, size, most)
			jobs := all[from:end]
			from = end
			return func() sentJobs { return sentJobs{b.chunk(ctx, jobs), jobs} }
		},
		func(sent sentJobs) bool {
			size = size.after(len(sent.jobs), sent.chunk)
			last = sent.chunk
			done += len(sent.jobs)
			o.report(Progress{Done: done, Total: len(all)})
			halted = halted || b.stops() && slices.ContainsFunc(sent.jobs, (*job).failed)
			return true
		})
	for _, j := range all[from:] {
		j.answer = c.failed(j, ErrNotExecuted)
	}
	return last, nil
}

// chunk sends jobs in their own run.
func (b *batch) chunk(ctx context.Context, jobs []*job) chunk {
	run := batchRun{batch: *b}
	run.run(ctx, jobs)
	return chunk{run.time, run.longest, run.whole}
}

// concurrently runs up to n tasks at once, each in its own goroutine, and takes their results as
// they arrive. start returns the next task, or nil if there is none at the moment. concurrently
// returns when start has no task and none runs, or when take returns false. start and take run in
// the goroutine of the caller. On every exit, also by a panic, stop is called and running tasks are
// waited for. If a task panics, the panic continues in the goroutine of the caller.
func concurrently[T any](n int, stop func(), start func() func() T, take func(T) bool) {
	results, running := make(chan worker.Outcome[T], n), 0
	defer func() {
		stop()
		for range running {
			<-results
		}
	}()
	for {
		for running < n {
			task := start()
			if task == nil {
				break
			}
			running++
			go worker.Run(task, func(o worker.Outcome[T]) { results <- o })
		}
		if running == 0 {
			return
		}
		o := <-results
		running--
		if !take(o.Get()) {
			return
		}
	}
}

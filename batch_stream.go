package b24

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/b24go/b24/internal/codec"
)

// StreamBatch calls any number of commands, in batches of up to 50, and yields one answer for each
// command taken from cmds, in their order. A failed command is yielded with its error, which
// [AjaxResult.Err] returns too. Memory is bounded: at most [WithConcurrency] batches (1 by default)
// are in flight, and at most four times as many are kept, including finished ones that wait for
// their turn. cmds may reuse Params after yielding a [Command]. A nil cmds is empty. A batch is
// sent when it is full or cmds ends, so cmds must not wait for answers; if it waits for anything
// else, it must respect ctx. The Name of a [Command] is returned by [AjaxResult.Query] of its
// answer; names need not be unique.
//
// After a failure, no further commands are taken unless [WithHaltOnError] is false. Commands of the
// same batch that did not run are yielded with an error that matches [ErrNotExecuted]. A command
// that cannot be sent fails like any other; one that a batch cannot carry is sent as a separate
// call, in its place. If ctx ends or the client is closed, the commands in flight (or, if none are,
// those of the next batch) are yielded with that error, and the stream ends. Leaving the loop
// cancels the calls in flight; their outcome is then unknown.
func StreamBatch(ctx context.Context, c Client, cmds iter.Seq[Command], opts ...CallOption) iter.Seq2[*AjaxResult, error] {
	return func(yield func(*AjaxResult, error) bool) {
		if cmds == nil {
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		pull, stop := iter.Pull(cmds)
		defer stop()
		s := stream{
			client: c, o: newCallOptions(opts), masks: new(masks),
			size: maxCommands, pull: pull, ready: map[int]streamed{}, yield: yield,
		}
		s.opts = append(slices.Clip(opts), WithProgress(nil), lenient(), s.masks.option())
		concurrently(s.o.workers(), cancel, func() func() streamed { return s.start(ctx) }, func(sent streamed) bool { return s.take(ctx, sent) })
	}
}

// stream is a StreamBatch in progress.
type stream struct {
	client Client
	o      callOptions
	opts   []CallOption
	masks  *masks
	size   chunkSize
	pull   func() (Command, bool)
	yield  func(*AjaxResult, error) bool

	started int              // batches started
	ready   map[int]streamed // finished batches not yet yielded, by number from 1
	yielded int              // batches yielded
	done    int              // commands yielded
	halted  bool
}

// streamed is the outcome of commands that were sent together.
type streamed struct {
	part   int
	list   Commands
	result *BatchResult
	err    error
}

// ahead is how many batches may be finished or in flight for each one that may be in flight: the
// oldest may take long, and the others need not wait for it.
const ahead = 4

// start returns the next batch, or nil if there is none at the moment.
func (s *stream) start(ctx context.Context) func() streamed {
	if s.halted || s.started-s.yielded >= ahead*s.o.workers() {
		return nil
	}
	list := s.next()
	if len(list) == 0 {
		return nil
	}
	s.started++
	part := s.started
	return func() streamed {
		r, err := s.client.CallBatchByChunk(ctx, list, append(slices.Clip(s.opts), partOf(part))...)
		return streamed{part, list, r, err}
	}
}

// next takes the commands of the next batch. It encodes their parameters at once, because the
// caller may change them afterwards.
func (s *stream) next() Commands {
	var list Commands
	for len(list) < int(s.size) {
		command, ok := s.pull()
		if !ok {
			break
		}
		if command.Params != nil {
			if body, err := codec.Marshal(command.Params); err == nil && checkValues(command.Method, command.Params) == nil {
				command.Params = json.RawMessage(body)
			}
		}
		list = append(list, command)
	}
	return list
}

// take stores the outcome of a batch and yields all batches whose turn it is.
func (s *stream) take(ctx context.Context, sent streamed) bool {
	if sent.err != nil {
		over := ctx.Err() != nil || errors.Is(sent.err, ErrClosed)
		s.halted = s.halted || over || !s.o.goOn
	}
	if sent.result != nil {
		s.size = s.size.after(len(sent.list), sent.result.chunk)
	}
	for s.ready[sent.part] = sent; ; {
		head, ok := s.ready[s.yielded+1]
		if !ok {
			return true
		}
		s.yielded++
		delete(s.ready, s.yielded)
		s.done += len(head.list)
		s.o.report(Progress{Done: s.done, Total: -1})
		if !s.each(head) {
			return false
		}
	}
}

func (s *stream) each(sent streamed) bool {
	for i := range sent.list {
		row := s.row(sent, i)
		if !s.yield(row, row.Err()) {
			return false
		}
	}
	return true
}

// row returns the answer to a command, or the error of the whole batch if it has no answers.
func (s *stream) row(sent streamed, i int) *AjaxResult {
	if sent.result == nil {
		q := &query{method: s.masks.text(sent.list[i].Method), name: sent.list[i].Name}
		return q.answered(answer{err: sent.err}).result()
	}
	return sent.result.At(i)
}

package b24

import (
	"errors"
	"strconv"
	"strings"
)

// Errors of batches.
var (
	// ErrEmptyBatch: [Hook.CallBatch] got no commands. Nothing was sent.
	ErrEmptyBatch = newUnsent("the batch is empty")
	// ErrBatchTooLong: [Hook.CallBatch] got more than 50 commands, or commands that refer to each
	// other do not fit into 50. Nothing was sent.
	ErrBatchTooLong = newUnsent("the batch has more than 50 commands")
	// ErrBatchSent: a [Batch] was passed to a second call. Nothing was sent again.
	ErrBatchSent = newUnsent("the batch was sent before")
	// ErrNotExecuted is matched by commands that did not run, because an earlier one failed or
	// because their batch was not sent.
	ErrNotExecuted = newUnsent("the command was not executed")
	// ErrNoAnswer: the portal's answer omits the command although nothing failed before it, or the
	// command was sent earlier without an answer. The portal may have executed it.
	ErrNoAnswer = newKind("the answer omits the command; the portal may have executed it")
	// ErrReference is matched by a command with a reference that led to no value. The portal
	// silently uses another value in its place and executes the command.
	ErrReference = newKind("a reference finds no value")
)

// BatchError reports which commands of a batch did not succeed. [errors.Is] and [errors.As] inspect
// each of them. [OutcomeOf] of the batch as a whole is [OutcomeUnknown] as soon as any command
// succeeded or may have been executed.
type BatchError struct {
	// Failed holds the commands that failed, in their order.
	Failed []CommandError
	// NotExecuted holds the positions of the commands that did not run.
	NotExecuted []int

	succeeded int
}

// Error returns the number of failed commands and the first failure.
func (e *BatchError) Error() string { return textOf(e) }

func (e *BatchError) speak() (about, says string) {
	total := e.succeeded + len(e.Failed) + len(e.NotExecuted)
	var b strings.Builder
	b.WriteString(strconv.Itoa(len(e.Failed)) + " of " + strconv.Itoa(total) + " commands failed")
	if len(e.NotExecuted) > 0 {
		b.WriteString(", " + strconv.Itoa(len(e.NotExecuted)) + " were not executed")
	}
	if len(e.Failed) > 0 {
		b.WriteString("; first " + inner(e.Failed[0]))
	}
	return "batch: ", b.String()
}

// Unwrap returns the errors of the failed commands, and [ErrNotExecuted] if some did not run.
func (e *BatchError) Unwrap() []error {
	list := make([]error, 0, len(e.Failed)+1)
	for _, failed := range e.Failed {
		list = append(list, failed)
	}
	if len(e.NotExecuted) > 0 {
		list = append(list, ErrNotExecuted)
	}
	return list
}

// outcome is known only if it is known for each command.
func (e *BatchError) outcome() Outcome {
	if e.succeeded > 0 {
		return OutcomeUnknown
	}
	whole := OutcomeNotSent
	for _, failed := range e.Failed {
		switch OutcomeOf(failed.Err) {
		case OutcomeUnknown:
			return OutcomeUnknown
		case OutcomeRefused:
			whole = OutcomeRefused
		case OutcomeNotSent:
		}
	}
	return whole
}

// CommandError is the failure of one command of a batch.
type CommandError struct {
	// Index is the position of the command, counted from 0.
	Index int
	// Name is the name of the command; empty if it has none.
	Name string
	// Method is the called method.
	Method string
	// Err is the failure: an [*Error], a [*TransportError], or an error that matches
	// [ErrReference], [ErrNoAnswer], [ErrClosed] or [ErrInvalidParams].
	Err error
}

// Error returns the name of the command and its failure.
func (e CommandError) Error() string { return textOf(e) }

func (e CommandError) speak() (about, says string) {
	which := "#" + strconv.Itoa(e.Index)
	if e.Name != "" {
		which += " " + strconv.Quote(e.Name)
	}
	if e.Err != nil {
		which += ": " + inner(e.Err)
	}
	return "command ", oneLine(which)
}

// Unwrap returns Err.
func (e CommandError) Unwrap() error { return e.Err }

func (e CommandError) outcome() Outcome { return OutcomeOf(e.Err) }

func notExecuted(err error) bool {
	var row *methodError
	return errors.As(err, &row) && row.err == ErrNotExecuted //nolint:errorlint // only the row's own error, not a wrapped one
}

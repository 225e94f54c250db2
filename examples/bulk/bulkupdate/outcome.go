package main

import (
	"errors"
	"slices"

	"github.com/b24go/b24"
)

// outcome is what became of a line.
type outcome int

const (
	updated outcome = iota
	failed          // the portal does not take this line
	unknown         // it may have been done
	notDone         // it was not, and could be if it were sent again
)

func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return updated
	case b24.MayHaveExecuted(err):
		return unknown
	case errors.Is(err, b24.ErrInvalidParams):
		return failed // it cannot be sent at all
	case b24.OutcomeOf(err) == b24.OutcomeNotSent, refusesAll(err):
		return notDone
	default:
		return failed
	}
}

// refusesAll tells a portal that would refuse every line from one that does not
// like this line.
func refusesAll(err error) bool {
	return slices.ContainsFunc([]error{
		b24.ErrQueryLimitExceeded, b24.ErrOperationTimeLimit, b24.ErrOverloadLimit,
		b24.ErrNoAuthFound, b24.ErrInvalidCredentials, b24.ErrExpiredToken, b24.ErrAuthorization, b24.ErrInsufficientScope,
		b24.ErrMethodNotFound, b24.ErrPaymentRequired, b24.ErrPortalDeleted,
	}, func(code error) bool { return errors.Is(err, code) })
}

package main

import (
	"errors"
	"slices"

	"github.com/b24go/b24"
)

// outcome is the outcome of a line.
type outcome int

const (
	updated outcome = iota
	failed          // the portal refuses this line
	unknown         // it may have been executed
	notDone         // it was not executed, and may succeed if it is sent again
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

// refusesAll reports whether the portal would refuse every line, not only this one.
func refusesAll(err error) bool {
	return slices.ContainsFunc([]error{
		b24.ErrQueryLimitExceeded, b24.ErrOperationTimeLimit, b24.ErrOverloadLimit,
		b24.ErrNoAuthFound, b24.ErrInvalidCredentials, b24.ErrExpiredToken, b24.ErrAuthorization, b24.ErrInsufficientScope,
		b24.ErrMethodNotFound, b24.ErrPaymentRequired, b24.ErrPortalDeleted,
	}, func(code error) bool { return errors.Is(err, code) })
}

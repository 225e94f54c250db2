package b24

import (
	"context"
	"time"
)

// Auth is the authorisation of a client.
type Auth interface {
	// AuthData returns the current credentials. ok is false if there are none yet.
	AuthData() (AuthData, bool)
	// RefreshAuth asks for fresh tokens. A webhook has nothing to refresh: it sends no request and
	// returns what [Auth.AuthData] returns.
	RefreshAuth(ctx context.Context) (AuthData, error)
	// Uniq returns prefix_memberID, a key that is unique per portal.
	Uniq(prefix string) string
	// IsAdmin reports whether the authorisation is an administrator's. For a webhook it is true,
	// without a request.
	IsAdmin(ctx context.Context) (bool, error)
}

// AuthData holds the credentials of calls.
type AuthData struct {
	// AccessToken is the webhook's secret.
	AccessToken Secret
	// RefreshToken is zero for a webhook.
	RefreshToken Secret
	// Expires is when the access token expires; the zero time means never.
	Expires time.Time
	// ExpiresIn is the lifetime of a new access token; 0 means that it never expires.
	ExpiresIn time.Duration
	// Domain is host[:port] of the portal when the client was created. If the portal was renamed
	// since then, [Hook.TargetOrigin] returns the new origin.
	Domain string
	// MemberID identifies the portal. A webhook does not know it, so it is the same as Domain.
	MemberID string
}

// hookAuth is the authorisation of a webhook.
type hookAuth struct{ w webhook }

func (a *hookAuth) AuthData() (AuthData, bool) {
	return AuthData{AccessToken: a.w.secret, Domain: a.w.host(), MemberID: a.w.host()}, true
}

func (a *hookAuth) RefreshAuth(context.Context) (AuthData, error) {
	data, _ := a.AuthData()
	return data, nil
}

func (a *hookAuth) Uniq(prefix string) string { return prefix + "_" + a.w.host() }

func (a *hookAuth) IsAdmin(context.Context) (bool, error) { return true, nil }

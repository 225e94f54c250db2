package b24

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/redact"
)

func badURL(p WebhookURLProblem) error { return &WebhookURLError{Problem: p} }

// webhook is the parsed address of an inbound webhook.
type webhook struct {
	origin string // https://host[:port]
	prefix string // path before /rest; empty except for some self-hosted portals
	userID int64
	secret Secret
}

// target returns the target of the portal at an origin. The key is in the address.
func (w webhook) target(origin string, slash bool) *target {
	before, behind := origin+w.prefix+"/rest/", strconv.FormatInt(w.userID, 10)+"/"+w.secret.Reveal()+"/"
	return &target{origin: origin, slash: slash, at: w.target, base: func() (string, string) { return before, behind }}
}

// credential distinguishes the webhooks of a portal, because each has its own operating times.
func (w webhook) credential() string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(w.userID, 10) + "/" + w.secret.Reveal()))
	return hex.EncodeToString(sum[:])
}

// host returns host[:port].
func (w webhook) host() string {
	_, host, _ := strings.Cut(w.origin, "://")
	return host
}

// parseWebhook parses the address. What a portal ignores is dropped: query, fragment, user info,
// doubled slashes, a method at the end.
func parseWebhook(address string, cfg config) (webhook, error) {
	u, err := parseURL(address)
	if err != nil {
		return webhook{}, err
	}
	if !cfg.allows(u) {
		return webhook{}, badURL(WebhookURLNotHTTPS)
	}
	w := webhook{origin: originOf(u)}
	segments := segmentsOf(u.EscapedPath())
	rest := lastRest(segments)
	if rest < 0 {
		return webhook{}, badURL(WebhookURLMalformed)
	}
	w.prefix = joined(segments[:rest])
	segments = segments[rest+1:]
	if len(segments) > 0 && segments[0] == "api" {
		segments = segments[1:]
	}
	return w.credentials(segments)
}

// credentials parses user id and secret. A method may follow, as in an address copied from the
// documentation.
func (w webhook) credentials(segments []string) (webhook, error) {
	if len(segments) < 2 || len(segments) > 3 {
		return webhook{}, badURL(WebhookURLMalformed)
	}
	id, err := strconv.ParseUint(segments[0], 10, 63)
	if err != nil || id == 0 {
		return webhook{}, badURL(WebhookURLUserID)
	}
	if len(segments) == 3 && !validMethod(segments[2]) {
		return webhook{}, badURL(WebhookURLSecret)
	}
	if err := checkSecret(segments[1]); err != nil {
		return webhook{}, err
	}
	w.userID, w.secret = int64(id), NewSecret(segments[1])
	return w, nil
}

// webhookFromParts checks the parts passed to NewHook.
func webhookFromParts(p HookParams, cfg config) (webhook, error) {
	address := strings.TrimSpace(p.URL)
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := parseURL(address)
	switch {
	case err != nil:
		return webhook{}, err
	case p.UserID <= 0:
		return webhook{}, badURL(WebhookURLUserID)
	}
	if err := checkSecret(p.Secret.Reveal()); err != nil {
		return webhook{}, err
	}
	segments := segmentsOf(u.EscapedPath())
	if lastRest(segments) >= 0 || strings.HasSuffix(u.Path, "/") {
		return webhook{}, badURL(WebhookURLMalformed) // a whole webhook address belongs to FromWebhookURL
	}
	if !cfg.allows(u) {
		u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":80") // 80 is the port of http
	}
	return webhook{origin: originOf(u), prefix: joined(segments), userID: p.UserID, secret: p.Secret}, nil
}

// allows reports whether a secret may be sent to u.
func (c config) allows(u *url.URL) bool {
	return u.Scheme == "https" || c.insecure || loopback(u.Hostname())
}

func parseURL(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil, badURL(WebhookURLEmpty)
	}
	u, err := url.Parse(address) // its error quotes the address
	if err != nil || u.Hostname() == "" || !validHost(u) {
		return nil, badURL(WebhookURLInvalid)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, badURL(WebhookURLNotHTTPS)
	}
	return u, nil
}

func validHost(u *url.URL) bool {
	if strings.ContainsAny(u.Hostname(), " /\\%\"'<>") {
		return false
	}
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// originOf returns scheme and host in lower case, without the default port.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	port := u.Port()
	if u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		port = ""
	}
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host
}

func segmentsOf(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

func joined(segments []string) string {
	if len(segments) == 0 {
		return ""
	}
	return "/" + strings.Join(segments, "/")
}

// lastRest finds the last /rest/, because the REST root of a self-hosted portal may be under any
// prefix (docs/protocol.md 1.2).
func lastRest(segments []string) int {
	for i, segment := range slices.Backward(segments) {
		if segment == "rest" {
			return i
		}
	}
	return -1
}

// checkSecret accepts letters, digits, - and _, so that the secret is one path segment without
// escapes. With a dot, a missing secret followed by a method would be accepted as a secret.
func checkSecret(s string) error {
	switch {
	case s == "", !onlyOf(s, "-_"):
		return badURL(WebhookURLSecret)
	case len(s) < redact.Shortest:
		return badURL(WebhookURLShortSecret)
	default:
		return nil
	}
}

// validMethod accepts names as in the documentation, with dots only between their parts (".." would
// leave the webhook's path).
func validMethod(s string) bool {
	return s != "" && onlyOf(s, "_.") && !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.Contains(s, "..")
}

func onlyOf(s, marks string) bool {
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(marks, r):
		default:
			return false
		}
	}
	return true
}

// loopback reports whether the name of host means this machine, without a lookup (RFC 6761, 6.3
// reserves localhost).
func loopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

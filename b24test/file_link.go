package b24test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// nonceSize is the number of characters that make every link another one.
const nonceSize = 32

// stampSize is the number of them that say when the link was made.
const stampSize = 16

func randomBytes() []byte {
	b := make([]byte, sha256.Size)
	_, _ = rand.Read(b) // it never fails
	return b
}

func randomText(n int) string {
	return strings.ToLower(rand.Text() + rand.Text())[:n]
}

// origin returns the scheme and host under which a request reached the portal.
func (r *room) origin(req Request) string {
	_, own, _ := strings.Cut(r.p.origin, "://")
	if req.Host == "" || req.Host == own {
		return r.p.origin
	}
	return "https://" + req.Host
}

// sign returns a link that calls a method with the arguments of a query string, with the rights of
// the webhook: the signature covers the method, the arguments and the webhook.
func (r *room) sign(req Request, method, scope, query string) string {
	method = strings.TrimSuffix(method, "/")
	user := strconv.FormatInt(r.p.cfg.userID, 10)
	packed := base64.StdEncoding.EncodeToString([]byte(query + "&_=" + r.nonce()))
	token := scope + "|" + packed + "|" + r.signature(method, scope, packed)
	return r.origin(req) + r.p.cfg.prefix + "/rest/" + user + "/" + url.QueryEscape(r.p.cfg.secret) + "/" + method + "/?token=" + url.QueryEscape(token)
}

// nonce returns a text that is another one each time and tells the portal when it was made.
func (r *room) nonce() string {
	stamp := strconv.FormatInt(time.Now().UnixMilli(), 36) + "." + strconv.FormatInt(int64(r.age), 36)
	stamp = strings.Repeat("0", max(0, stampSize-len(stamp))) + stamp
	return stamp + randomText(nonceSize-stampSize)
}

// signature signs a call. A portal puts what it signed into the signature, in base64: the secret of
// a webhook is in each of its links a second time.
func (r *room) signature(method, scope, packed string) string {
	state := strings.Join([]string{strings.ToLower(method), scope, packed, strconv.FormatInt(r.p.cfg.userID, 10), r.p.cfg.secret}, "|")
	signed := base64.StdEncoding.EncodeToString(php.AppendJSON(nil, state))
	mac := hmac.New(sha256.New, r.key)
	mac.Write([]byte(signed))
	return signed + "." + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// open checks a signed link and returns the scope and the arguments in it.
func (r *room) open(req *call) (scope string, args *php.Array, err error) {
	parts := strings.Split(req.token, "|")
	if len(parts) < 3 { //nolint:mnd // scope, arguments, signature
		return "", nil, linkRefused()
	}
	if !hmac.Equal([]byte(r.signature(req.Method, parts[0], parts[1])), []byte(parts[2])) {
		return "", nil, linkRefused()
	}
	query, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return "", nil, linkRefused()
	}
	args = php.ParseQuery(string(query))
	if r.expired(args.Text("_")) {
		return "", nil, &b24.Error{Code: "expired_token", Description: "The access token provided has expired.", Status: http.StatusUnauthorized}
	}
	args.Remove("_")
	return parts[0], args, nil
}

func linkRefused() error {
	return &b24.Error{Code: "ACCESS_DENIED", Description: "Access denied! Link check failed", Status: http.StatusForbidden}
}

// expired reports whether the link with a nonce is too old.
func (r *room) expired(nonce string) bool {
	at, age, _ := strings.Cut(strings.TrimLeft(nonce[:min(stampSize, len(nonce))], "0"), ".")
	made, _ := strconv.ParseInt(at, 36, 64)
	n, _ := strconv.ParseInt(age, 36, 64)
	life := r.p.cfg.linkLife
	return int(n) < r.age || life > 0 && !time.Now().Before(time.UnixMilli(made).Add(life))
}

// isTransfer reports whether a method can only be called by a signed link.
func isTransfer(method string) bool {
	return strings.EqualFold(method, methodDownload) || strings.EqualFold(method, methodUpload)
}

const (
	methodDownload = "download"
	methodUpload   = "upload"
)

// openLink replaces the parameters of a call by those of its signed link.
func (p *Portal) openLink(req *call) error {
	p.data.mu.Lock()
	scope, args, err := p.data.files.open(req)
	p.data.mu.Unlock()
	if err != nil {
		return err
	}
	args.Object = true
	p.mu.Lock()
	defer p.mu.Unlock()
	req.scope, req.params, req.Params = scope, args, args.PlainMap()
	req.start, req.hasStart = 0, false
	return nil
}

// ExpireLinks ends the life of all signed links made so far: DOWNLOAD_URL, urlMachine and uploadUrl.
// They answer 401 expired_token, as those of an application do once its access token is replaced.
// See [WithLinkLife].
func (p *Portal) ExpireLinks() {
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	p.data.files.age++
}

package file

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/door"
)

// ErrNameTaken is the code if the folder has a file with this name; see [WithUniqueName].
const ErrNameTaken b24.Code = "DISK_OBJ_22000"

// Target is where a file is uploaded to.
type Target struct {
	kind targetKind
	id   string
}

type targetKind int

const (
	targetFolder targetKind = iota + 1
	targetStorage
	targetCall
)

// Folder is a folder of Drive, by its id.
func Folder(id b24.ID) Target { return Target{targetFolder, string(id)} }

// Storage is the root folder of a storage of Drive, by the storage's id; see disk.storage.getlist.
// It costs one more request, for the id of the folder.
func Storage(id b24.ID) Target { return Target{targetStorage, string(id)} }

// CallRecord is the record of a call, by the CALL_ID of telephony.externalCall.register. The call
// must be finished. A record that it has already stays stored, and the call shows the new one. The
// name of the file must end in .mp3 or .wav.
func CallRecord(callID string) Target { return Target{targetCall, callID} }

// Stored is a file of Drive. It decodes from what disk.file.get returns, and from the rows of
// disk.folder.getchildren and disk.storage.getchildren.
type Stored struct {
	// ID is the id in Drive, for [Drive].
	ID b24.ID `json:"ID"`
	// Name is the name; Drive may have replaced characters in it.
	Name string `json:"NAME"`
	// Type is "file" or "folder".
	Type string `json:"TYPE"`
	// Size is the number of bytes.
	Size b24.Int `json:"SIZE"`
	// FolderID is the folder that it is in.
	FolderID b24.ID `json:"PARENT_ID"`
	// Link is for [Download].
	Link b24.FileURL `json:"DOWNLOAD_URL"`
}

// Upload sends a file to Drive, or as the record of a call. The body is streamed: memory does not
// grow with the file. A file of unknown size is written to a temporary file first if it is larger
// than 1 MiB, because portals want to know the length of a body before it comes.
//
// It takes two requests, one for an address and one for the file. The second one is never repeated
// if the portal may have got the file: the error's [b24.OutcomeOf] is then [b24.OutcomeUnknown], and
// [FindUploaded] tells whether the file is there. If the portal refused it unseen, because of its
// limits or of a token that had expired, and if the Body is an io.Seeker, it is sent again.
//
// A [CallRecord] has only an ID. If the portal stored another number of bytes than was sent, the
// error matches [ErrSize], and Stored says what is there.
func Upload(ctx context.Context, c b24.Client, to Target, f File, opts ...UploadOption) (Stored, error) {
	o, err := uploadOptions(opts)
	if err != nil {
		return Stored{}, err
	}
	if problem := to.problem(f.Name, o); problem != nil {
		return Stored{}, problem
	}
	transfers, err := transfersOf(nameUpload, c)
	if err != nil {
		return Stored{}, err
	}
	content, err := f.open(ctx)
	if err != nil {
		return Stored{}, refused(nameUpload, "file", err)
	}
	defer content.remove()
	u := upload{c: c, to: to, name: f.Name, content: content, o: o}
	ctx, u.t = transfers.Begin(ctx, nameUpload)
	stored, err := u.run(ctx)
	u.t.End(ctx, err)
	return stored, err
}

// problem returns the error for a target that cannot get a file of this name.
func (to Target) problem(name string, o *options) error {
	if problem := badName(name); problem != "" {
		return refused(nameUpload, "name", errors.New(problem))
	}
	if to.kind == targetCall {
		switch ext := path.Ext(name); {
		case to.id == "":
			return refused(nameUpload, "target", errors.New("the id of the call is empty"))
		case ext != ".mp3" && ext != ".wav": // the portal compares them as they are
			return refused(nameUpload, "name", errors.New("the record of a call must end in .mp3 or .wav, in lower case"))
		case o.unique:
			return refused(nameUpload, "option", errors.New("WithUniqueName means nothing for the record of a call"))
		}
		return nil
	}
	if n, err := b24.ID(to.id).Int64(); err != nil || n <= 0 || to.kind == 0 {
		return refused(nameUpload, "target", errors.New("it is not the id of a folder or a storage"))
	}
	return nil
}

// upload is an upload in progress.
type upload struct {
	c       b24.Client
	t       door.Transfer
	to      Target
	name    string
	content *content
	o       *options
}

func (u *upload) run(ctx context.Context) (Stored, error) {
	for renewed := false; ; {
		raw, err := u.once(ctx)
		switch {
		case err == nil:
			return u.stored(raw)
		case b24.MayHaveExecuted(err), u.content.again == nil:
			return Stored{}, err
		}
		// Nothing was stored, and the body can begin anew.
		if !renewed && expired(err) {
			renewed = true
		} else if err := u.t.Again(ctx, err); err != nil {
			return Stored{}, err
		}
		if err := u.content.again(); err != nil {
			return Stored{}, u.t.Fail(door.Failure{Step: "begin the file anew", Err: err, Final: true})
		}
	}
}

// expired reports whether a portal refuses the key of a link.
func expired(err error) bool {
	for _, code := range []b24.Code{b24.ErrExpiredToken, b24.ErrInvalidToken, b24.ErrNoAuthFound} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// slot is the answer to the first step. Its names differ between documentation, methods and letter
// cases; encoding/json ignores the case.
type slot struct {
	Link      b24.FileURL `json:"uploadUrl"`
	Field     string      `json:"field"`
	FieldName string      `json:"fieldName"`
}

// once makes both requests.
func (u *upload) once(ctx context.Context) ([]byte, error) {
	to, err := u.slot(ctx)
	if err != nil {
		return nil, err
	}
	field := to.Field + to.FieldName
	if to.Link.IsZero() || !plainField(field) {
		return nil, u.t.Fail(door.Failure{Step: "ask for an address", Err: errors.New("the portal returned no address to upload to"), Final: true})
	}
	tell := func(int64) {}
	if u.o.progress != nil {
		tell = func(done int64) { u.o.progress(Progress{done, u.content.size}) }
	}
	body := &exact{from: u.content.body, left: u.content.size, size: u.content.size, tell: tell}
	form := newForm(field, u.name, body, u.content.size)
	return u.t.Post(ctx, door.Post{
		Limits: u.o.Limits, Link: to.Link.Reveal(), ContentType: form.contentType, Body: form.body, Size: form.size,
	})
}

// slot asks for an address. That changes nothing, so it may be repeated.
func (u *upload) slot(ctx context.Context) (slot, error) {
	if u.to.kind == targetCall {
		return b24.Call[slot](ctx, u.c, "telephony.externalCall.attachRecord", b24.Params{"CALL_ID": u.to.id, "FILENAME": u.name}, b24.WithIdempotent())
	}
	folder, err := u.to.folder(ctx, u.c)
	if err != nil {
		return slot{}, err
	}
	params := b24.Params{"id": folder}
	if u.o.unique {
		params["generateUniqueName"] = true
	}
	return b24.Call[slot](ctx, u.c, "disk.folder.uploadFile", params, b24.WithIdempotent())
}

// folder returns the id of the folder. Only folders have an address for uploads; storages do not.
func (to Target) folder(ctx context.Context, c b24.Client) (b24.ID, error) {
	if to.kind == targetFolder {
		return b24.ID(to.id), nil
	}
	root, err := b24.Call[struct {
		ID b24.ID `json:"ROOT_OBJECT_ID"`
	}](ctx, c, "disk.storage.get", b24.Params{"id": to.id}, b24.WithIdempotent())
	if err != nil {
		return "", err
	}
	if !root.ID.IsSet() {
		return "", fmt.Errorf("b24: upload: the storage has no root folder: %w", b24.ErrNotFound)
	}
	return root.ID, nil
}

// stored reads the answer to the second step.
func (u *upload) stored(raw []byte) (Stored, error) {
	s, err := decode(raw)
	if err != nil || !s.ID.IsSet() {
		return Stored{}, u.t.Fail(door.Failure{Step: "answer", Err: errors.Join(errors.New("the portal does not say what it stored"), err)})
	}
	if u.to.kind != targetCall && int64(s.Size) != u.content.size {
		err = fmt.Errorf("%w: %d bytes were sent, and the portal stored %d", ErrSize, u.content.size, s.Size)
		return s, u.t.Fail(door.Failure{Step: "answer", Err: err})
	}
	return s, nil
}

// FindUploaded looks for a file of this name and size where [Upload] was to put it, after an upload
// whose outcome is unknown. found is false if there is none: the upload can then be repeated, once
// the portal has had a minute to finish the first one. With [WithUniqueName] the file may have got
// another name, so that not finding it proves nothing. It cannot look for a [CallRecord]: a repeat
// under the same name is refused if it is there. If Drive replaces characters of the name, it takes a second request.
func FindUploaded(ctx context.Context, c b24.Client, to Target, name string, size int64) (s Stored, found bool, err error) {
	if to.kind == targetCall {
		return Stored{}, false, refused(nameUpload, "target", errors.New("the record of a call cannot be looked for; a repeat under the same name is refused if it is there"))
	}
	if problem := to.problem(name, defaults()); problem != nil {
		return Stored{}, false, problem
	}
	folder, err := to.folder(ctx, c)
	if err != nil {
		return Stored{}, false, err
	}
	for _, name := range slices.Compact([]string{nameOnDrive(name), name}) {
		params := b24.Params{"id": folder, "filter": b24.Params{"NAME": name}} // SIZE cannot be filtered by
		rows, err := b24.Call[[]Stored](ctx, c, "disk.folder.getchildren", params, b24.WithIdempotent())
		if err != nil {
			return Stored{}, false, err
		}
		for _, row := range rows {
			if row.Name == name && int64(row.Size) == size && row.Type != "folder" {
				return row, true, nil
			}
		}
	}
	return Stored{}, false, nil
}

// nameOnDrive returns the name under which Drive stores a file: it replaces what it does not allow,
// emoji among it (disk, Ui\Text::correctFilename). [FindUploaded] looks for the name that was sent as
// well, in case a portal allows more.
func nameOnDrive(name string) string {
	return strings.Map(func(r rune) rune {
		if r > '\uffff' || strings.ContainsRune(`<>:"|?*`+"\u202e", r) {
			return '_'
		}
		return r
	}, strings.Trim(name, " "))
}

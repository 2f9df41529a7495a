package dit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"gatehouse/acl"
	"gatehouse/directory"
)

// explainAnswerBytesMax bounds an answer of the extended operation: some thousand statements with their reasons.
const explainAnswerBytesMax = 4 << 20

// ExplainJSON is [Directory.Explain] with request and answer as JSON texts.
func (d *Directory) ExplainJSON(ctx context.Context, s *acl.Session, request []byte) ([]byte, error) {
	var req ExplainRequest
	in := json.NewDecoder(bytes.NewReader(request))
	in.DisallowUnknownFields()
	if err := in.Decode(&req); err != nil {
		return nil, directory.Errorf(directory.ProtocolError, "the request is no JSON text of the kind expected")
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, directory.Errorf(directory.ProtocolError, "something follows the request")
	}
	explained, err := d.Explain(ctx, s, &req)
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(explained)
	if err == nil && len(answer) > explainAnswerBytesMax {
		err = directory.Errorf(directory.AdminLimitExceeded, "the answer is too large; ask on the server's own machine")
	}
	return answer, err
}

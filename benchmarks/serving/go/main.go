// The obvious service in Go: grpc-go before rueidis, which pipelines what is asked at the same time.
//
//	go run . REDIS_PORT
//
// It prints `listening HOST:PORT` as the others do. Statuses are PRESENT or MISSING; there are no ages, types or limits.
// Messages are read and written by protowire, field by field, which is cheaper than what protoc-gen-go makes.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/redis/rueidis"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	service = "featuremill.serving.v1.FeatureService"
	present = 1
	missing = 2
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: server REDIS_PORT")
	}
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:  []string{"127.0.0.1:" + os.Args[1]},
		DisableCache: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	reader := &reader{client}
	server := grpc.NewServer(grpc.ForceServerCodec(raw{}))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			method("GetFeatures", reader.getFeatures),
			method("BatchGetFeatures", reader.batchGetFeatures),
		},
	}, reader)
	fmt.Printf("listening %s\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}

func method(name string, answer func(context.Context, []byte) ([]byte, error)) grpc.MethodDesc {
	handler := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		return answer(ctx, request)
	}
	return grpc.MethodDesc{MethodName: name, Handler: handler}
}

type reader struct {
	client rueidis.Client
}

// getFeatures answers a GetFeaturesRequest: entity_name = 1, feature_names = 2.
func (r *reader) getFeatures(ctx context.Context, raw []byte) ([]byte, error) {
	entities, names, err := parse(raw)
	if err != nil || len(entities) != 1 {
		return nil, errors.Join(errors.New("not a GetFeaturesRequest"), err)
	}
	row, err := r.client.Do(ctx, r.client.B().Hmget().Key(entities[0]).Field(names...).Build()).ToArray()
	if err != nil {
		return nil, err
	}
	return response([][]rueidis.RedisMessage{row}, len(names))
}

// batchGetFeatures answers a BatchGetFeaturesRequest: entity_names = 1, feature_names = 2.
func (r *reader) batchGetFeatures(ctx context.Context, raw []byte) ([]byte, error) {
	entities, names, err := parse(raw)
	if err != nil {
		return nil, err
	}
	commands := make(rueidis.Commands, len(entities))
	for i, entity := range entities {
		commands[i] = r.client.B().Hmget().Key(entity).Field(names...).Build()
	}
	rows := make([][]rueidis.RedisMessage, len(entities))
	for i, result := range r.client.DoMulti(ctx, commands...) {
		if rows[i], err = result.ToArray(); err != nil {
			return nil, err
		}
	}
	return response(rows, len(names))
}

// parse takes the entities and the names; both requests have them as fields 1 and 2.
func parse(raw []byte) (entities, names []string, err error) {
	for len(raw) > 0 {
		number, kind, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return nil, nil, protowire.ParseError(size)
		}
		raw = raw[size:]
		if kind != protowire.BytesType || number > 2 {
			if size = protowire.ConsumeFieldValue(number, kind, raw); size < 0 {
				return nil, nil, protowire.ParseError(size)
			}
			raw = raw[size:]
			continue
		}
		text, size := protowire.ConsumeString(raw)
		if size < 0 {
			return nil, nil, protowire.ParseError(size)
		}
		raw = raw[size:]
		if number == 1 {
			entities = append(entities, text)
		} else {
			names = append(names, text)
		}
	}
	return entities, names, nil
}

// response writes values = 1 and statuses = 2, row-major.
func response(rows [][]rueidis.RedisMessage, width int) ([]byte, error) {
	made := make([]byte, 0, 16*width*len(rows)+16)
	statuses := make([]byte, 0, width*len(rows))
	for _, row := range rows {
		for i := range row {
			value, err := row[i].ToString()
			status := byte(present)
			if rueidis.IsRedisNil(err) {
				status = missing
			} else if err != nil {
				return nil, err
			}
			made = protowire.AppendTag(made, 1, protowire.BytesType)
			made = protowire.AppendString(made, value)
			statuses = append(statuses, status)
		}
	}
	made = protowire.AppendTag(made, 2, protowire.BytesType)
	return protowire.AppendBytes(made, statuses), nil
}

// raw leaves messages as the bytes they are.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(message any) ([]byte, error) { return message.([]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = data
	return nil
}

#include "tls/memory_bio.hpp"

#include <algorithm>

namespace phyllo::transport {
namespace {

memory_pipe& pipe_of(BIO* bio) { return *static_cast<memory_pipe*>(BIO_get_data(bio)); }

int create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

int read(BIO* bio, char* out, int size) {
  auto& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipe.input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto& front = pipe.input.front();
  const auto n = std::min(front.size() - pipe.consumed, static_cast<std::size_t>(size));
  std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(pipe.consumed), n, reinterpret_cast<std::uint8_t*>(out));
  pipe.consumed += n;
  if (pipe.datagrams || pipe.consumed == front.size()) {  // what a reader leaves of a datagram is lost, as with recv(2)
    pipe.input.pop_front();
    pipe.consumed = 0;
  }
  return static_cast<int>(n);
}

int write(BIO* bio, const char* data, int size) {
  auto& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  const core::byte_view view(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  if (pipe.datagrams || pipe.output.empty()) pipe.output.emplace_back();
  core::append(pipe.output.back(), view);
  return size;
}

// Every MTU query is answered by SSL_set_mtu, so only the flush needs a success.
long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

bio_method make_memory_method() {
  bio_method method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "memory pipe"), &BIO_meth_free);
  BIO_meth_set_create(method.get(), create);
  BIO_meth_set_read(method.get(), read);
  BIO_meth_set_write(method.get(), write);
  BIO_meth_set_ctrl(method.get(), control);
  return method;
}

BIO* make_memory_bio(const BIO_METHOD* method, memory_pipe& pipe) {
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, &pipe);
  return bio;
}

}  // namespace phyllo::transport

#include "dns/ares_channel.hpp"

#include <arpa/nameser.h>

#include <fmt/format.h>

#include "phyllo/core/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration look_at_least = std::chrono::milliseconds(500);

int milliseconds(core::duration d) { return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()); }

}  // namespace

core::status ares_channel_owner::open(const resolver_options& o) {
  ares_options options{};
  options.timeout = milliseconds(o.timeout);
  options.tries = o.tries;
  options.sock_state_cb = on_socket;
  options.sock_state_cb_data = this;
  const int how = ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (how != ARES_SUCCESS) return core::fail(core::errc::invalid, ares_strerror(how));
  if (o.servers.empty()) return {};
  std::string list;
  for (const auto& s : o.servers) list += (list.empty() ? "" : ",") + s;
  if (ares_set_servers_ports_csv(channel_, list.c_str()) != ARES_SUCCESS) return core::fail(core::errc::invalid, "no DNS servers: " + list);
  return {};
}

void ares_channel_owner::query(const std::string& name, int type, bytes_handler done) {
  ++pending_;
  // A C callback has one pointer: what it is to do is owned by it.
  auto* call = new bytes_handler([this, done = std::move(done)](int status, core::byte_view answer) {
    --pending_;
    done(status, answer);
  });
  ares_query(
      channel_, name.c_str(), ns_c_in, type,
      [](void* arg, int status, int, unsigned char* answer, int size) {
        const std::unique_ptr<bytes_handler> owned(static_cast<bytes_handler*>(arg));
        (*owned)(status, {answer, answer == nullptr ? 0 : static_cast<std::size_t>(size)});
      },
      call);
  arm();
}

void ares_channel_owner::addresses(const std::string& name, addresses_handler done) {
  ++pending_;
  auto* call = new addresses_handler([this, done = std::move(done)](int status, const ares_addrinfo* answer) {
    --pending_;
    done(status, answer);
  });
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // one entry an address, not one a protocol
  ares_getaddrinfo(
      channel_, name.c_str(), nullptr, &hints,
      [](void* arg, int status, int, ares_addrinfo* answer) {
        const std::unique_ptr<addresses_handler> owned(static_cast<addresses_handler*>(arg));
        (*owned)(status, answer);
        if (answer != nullptr) ares_freeaddrinfo(answer);
      },
      call);
  arm();
}

void ares_channel_owner::stop() {
  if (channel_ == nullptr) return;
  ares_destroy(std::exchange(channel_, nullptr));
  timer_.cancel();
}

// c-ares opens and closes its sockets by itself; before a close it says that neither is wanted any more.
void ares_channel_owner::on_socket(void* self, ares_socket_t fd, int readable, int writable) {
  auto& o = *static_cast<ares_channel_owner*>(self);
  const auto known = o.sockets_.find(fd);
  if (readable == 0 && writable == 0) {
    if (known == o.sockets_.end()) return;
    known->second->release();  // it stays open: c-ares closes it
    o.sockets_.erase(known);
    return;
  }
  if (known != o.sockets_.end()) return;
  asio::error_code ec;
  auto socket = std::make_shared<asio::posix::stream_descriptor>(o.env_.get_executor());
  socket->assign(fd, ec);
  o.sockets_.emplace(fd, std::move(socket));
  o.watch(fd);
}

void ares_channel_owner::watch(ares_socket_t fd) {
  const auto socket = sockets_.at(fd);
  socket->async_wait(asio::posix::stream_descriptor::wait_read, [weak = weak_from_this(), fd, socket](const asio::error_code& ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    const auto known = self->sockets_.find(fd);
    if (known != self->sockets_.end() && known->second == socket) self->process(fd);
  });
}

void ares_channel_owner::process(ares_socket_t fd) {
  if (channel_ == nullptr) return;
  const auto before = fd == ARES_SOCKET_BAD ? nullptr : sockets_.at(fd);
  ares_process_fd(channel_, fd, ARES_SOCKET_BAD);
  const auto known = sockets_.find(fd);
  if (before && known != sockets_.end() && known->second == before) watch(fd);
  arm();
}

void ares_channel_owner::arm() {
  if (channel_ == nullptr || pending_ == 0) return;
  timeval room{};
  const auto* left = ares_timeout(channel_, nullptr, &room);
  auto span = look_at_least;
  if (left != nullptr) span = std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec);
  timer_.expires_after(span);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& ec) {
    const auto self = weak.lock();
    if (self && !ec) self->process(ARES_SOCKET_BAD);
  });
}

}  // namespace phyllo::transport

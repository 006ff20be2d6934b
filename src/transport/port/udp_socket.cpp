#include "port/udp_socket.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <asio/ip/v6_only.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "phyllo/transport/errc.hpp"
#include "port/bind_error.hpp"
#include "port/drop_filter.hpp"
#include "port/port_sharing.hpp"

namespace phyllo::transport {
namespace {

using udp = asio::ip::udp;

constexpr int batches_in_a_row_max = 8;           // then others' turn comes
constexpr int socket_buffer_bytes = 1024 * 1024;  // the kernel grants what net.core allows

// Beside each datagram: when it came (SO_TIMESTAMPNS).
struct alignas(cmsghdr) arrival {
  std::array<std::uint8_t, CMSG_SPACE(sizeof(timespec))> octets{};
};

// Zero where the kernel says nothing, or the clock was set meanwhile.
core::duration age_of(msghdr& header, core::wall_time now) {
  constexpr core::duration longest = std::chrono::seconds(10);
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec at{};
    std::memcpy(&at, CMSG_DATA(c), sizeof at);
    const auto age = now.time_since_epoch() - std::chrono::seconds(at.tv_sec) - std::chrono::nanoseconds(at.tv_nsec);
    return age > core::duration::zero() && age < longest ? core::duration(age) : core::duration::zero();
  }
  return {};
}

endpoint to_endpoint(const sockaddr_storage& from, std::size_t size) {
  udp::endpoint e;
  std::memcpy(e.data(), &from, std::min(size, e.capacity()));
  return {e.address(), e.port()};
}

}  // namespace

class udp_channel final : public datagram_channel {
 public:
  udp_channel(std::shared_ptr<udp_socket> socket, const endpoint& remote) : socket_(std::move(socket)), remote_(remote) {
    socket_->channels_.emplace(remote_, nullptr);
  }
  ~udp_channel() override { socket_->channels_.erase(remote_); }
  udp_channel(const udp_channel&) = delete;
  udp_channel& operator=(const udp_channel&) = delete;

  void receive(datagram_receiver* r) override { socket_->channels_[remote_] = r; }
  core::status send(core::byte_view data) override { return socket_->send(remote_, data); }
  [[nodiscard]] endpoint local() const override { return socket_->local(); }
  [[nodiscard]] endpoint remote() const override { return remote_; }

 private:
  std::shared_ptr<udp_socket> socket_;
  endpoint remote_;
};

udp_socket::udp_socket(core::environment& env, core::metrics& m, receive_arena& arena)
    : metrics_(m), arena_(arena), socket_(env.get_executor()), channels_(0, core::keyed_hasher{core::random_hash_key(env)}) {}

core::result<std::shared_ptr<udp_socket>> udp_socket::open(core::environment& env, core::metrics& m, receive_arena& arena,
                                                           const endpoint& at, bool shared) {
  auto out = std::make_shared<udp_socket>(env, m, arena);
  asio::error_code ec;
  const udp::endpoint where(at.address, at.port);
  out->socket_.open(where.protocol(), ec);
  if (!ec) out->socket_.non_blocking(true, ec);
  if (!ec && at.address.is_v6()) out->socket_.set_option(asio::ip::v6_only(true), ec);  // IPv4 has sockets of its own
  if (!ec && shared) share_port(out->socket_.native_handle());
  if (!ec) out->socket_.bind(where, ec);
  if (ec) return core::fail(explain_bind("UDP", at, ec));
  const int fd = out->socket_.native_handle();
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &socket_buffer_bytes, sizeof socket_buffer_bytes);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &socket_buffer_bytes, sizeof socket_buffer_bytes);
  ::setsockopt(fd, at.address.is_v6() ? IPPROTO_IPV6 : IPPROTO_IP, at.address.is_v6() ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  const auto bound = out->socket_.local_endpoint(ec);
  out->local_ = {bound.address(), bound.port()};
  return out;
}

core::status udp_socket::steer(const steering& by) {
  return steer_port(socket_.native_handle(), local_.address.is_v6(), port_use::datagrams, by);
}

void udp_socket::start(datagram_service* by) {
  service_ = by;
  readable_.emplace(socket_.get_executor(), socket_.native_handle(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->drain();
  });
  readable_->wait();
}

void udp_socket::close() {
  flush();
  readable_.reset();
  asio::error_code ignored;
  socket_.close(ignored);
  service_ = nullptr;
}

core::status udp_socket::send(const endpoint& to, core::byte_view data) {
  if (!socket_.is_open()) return core::fail(errc::closed);
  if (data.size() > datagram_queue::payload_max(to)) return core::fail(errc::too_large, fmt::format("a datagram of {} bytes", data.size()));
  if (!queue_.has_room(data.size())) flush();
  if (queue_.empty() && !draining_) flush_soon();
  queue_.push(to, data);
  return {};
}

core::status udp_socket::send_batch(std::span<const outgoing_datagram> batch) {
  core::status out;
  for (const auto& d : batch)
    if (auto sent = send(d.to, d.data); !sent) out = sent;
  return out;
}

// Behind all that is ready now.
void udp_socket::flush_soon() {
  asio::post(socket_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->flush();
  });
}

void udp_socket::flush() {
  if (queue_.empty() || !socket_.is_open()) return;
  const auto outcome = queue_.flush(socket_.native_handle());
  if (outcome.error_told) error_told_ = true;
  for (std::size_t i = 0; i < outcome.unsent; ++i) metrics_.drop("udp_unsent");
}

socket_load udp_socket::shed(const drop_rule& rule, const drop_shares& dropped) {
  if (!socket_.is_open()) return {};
  auto load = load_of(socket_.native_handle());
  load.dropped -= std::exchange(dropped_, load.dropped);
  if (dropped != shed_) drop_datagrams(socket_.native_handle(), rule, dropped);
  shed_ = dropped;
  return load;
}

std::unique_ptr<datagram_channel> udp_socket::make_channel(const endpoint& remote) {
  return std::make_unique<udp_channel>(shared_from_this(), remote);
}

datagram_receiver* udp_socket::receiver_of(const endpoint& remote) const {
  const auto i = channels_.find(remote);
  return i == channels_.end() ? nullptr : i->second;
}

// Until nothing is left: what is left is not told of again.
void udp_socket::drain() {
  draining_ = true;
  auto got = receive_batch();
  // An error woke us, or flush() was told of one: a socket that always has datagrams would never come to it, and its errors fill it.
  if (std::exchange(error_told_, false) || got <= 0) read_errors();
  const auto more = [&got] { return got < 0 || got == receive_arena::batch; };
  for (int turn = 1; turn < batches_in_a_row_max && more(); ++turn) got = receive_batch();
  draining_ = false;
  flush();
  if (!socket_.is_open()) return;
  more() ? drain_soon() : readable_->wait();
}

void udp_socket::drain_soon() {
  asio::post(socket_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock(); self && self->socket_.is_open()) self->drain();
  });
}

// The number of datagrams: fewer than a batch if the socket is empty, or is closed; less than nothing if an error woke us.
int udp_socket::receive_batch() {
  if (!socket_.is_open()) return 0;
  std::array<mmsghdr, receive_arena::batch> headers{};
  std::array<iovec, receive_arena::batch> slots{};
  std::array<sockaddr_storage, receive_arena::batch> from{};
  std::array<arrival, receive_arena::batch> arrivals{};
  for (std::size_t i = 0; i < headers.size(); ++i) {
    slots[i] = {arena_.slot(i), receive_arena::datagram_max};
    headers[i].msg_hdr.msg_iov = &slots[i];
    headers[i].msg_hdr.msg_iovlen = 1;
    headers[i].msg_hdr.msg_name = &from[i];
    headers[i].msg_hdr.msg_namelen = sizeof from[i];
    headers[i].msg_hdr.msg_control = arrivals[i].octets.data();
    headers[i].msg_hdr.msg_controllen = arrivals[i].octets.size();
  }
  const int n = ::recvmmsg(socket_.native_handle(), headers.data(), static_cast<unsigned>(headers.size()), MSG_DONTWAIT, nullptr);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  for (int i = 0; i < n && service_ != nullptr; ++i) {
    const auto k = static_cast<std::size_t>(i);
    service_->on_datagram(*this, {.from = to_endpoint(from[k], headers[k].msg_hdr.msg_namelen),
                                  .data = {arena_.slot(k), headers[k].msg_len},
                                  .age = age_of(headers[k].msg_hdr, std::chrono::system_clock::now())});
  }
  return n;
}

// ICMP errors, by the destination of the datagram that caused them: a closed port is known at once.
void udp_socket::read_errors() {
  while (socket_.is_open()) {  // ends with the queue
    std::array<std::uint8_t, 64> payload{};
    std::array<std::uint8_t, 512> control{};
    sockaddr_storage to{};
    iovec slot{payload.data(), payload.size()};
    msghdr header{};
    header.msg_name = &to;
    header.msg_namelen = sizeof to;
    header.msg_iov = &slot;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (::recvmsg(socket_.native_handle(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(c), sizeof error);
      const bool hard = error.ee_errno == ECONNREFUSED || error.ee_errno == EHOSTUNREACH || error.ee_errno == ENETUNREACH;
      auto* receiver = receiver_of(to_endpoint(to, header.msg_namelen));
      if (hard && receiver != nullptr) receiver->on_unreachable();
    }
  }
}

}  // namespace phyllo::transport

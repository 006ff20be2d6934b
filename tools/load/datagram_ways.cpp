#include "datagram_ways.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "addresses.hpp"
#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

constexpr int buffer_bytes = 8 << 20;  // what the kernel keeps for us while we do something else

void enlarge(int socket, int forced, int plain) {
  if (::setsockopt(socket, SOL_SOCKET, forced, &buffer_bytes, sizeof buffer_bytes) != 0)
    ::setsockopt(socket, SOL_SOCKET, plain, &buffer_bytes, sizeof buffer_bytes);
}

}  // namespace

datagram_ways::datagram_ways(const address& target) : target_(target), received_(batch * datagram_max) {
  for (std::size_t i = 0; i < batch; ++i) {
    places_[i] = {received_.data() + i * datagram_max, datagram_max};
    headers_[i].msg_hdr.msg_iov = &places_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = from_[i].octets.data();
  }
}

datagram_ways::~datagram_ways() {
  for (const auto& s : senders_) ::close(s->socket);
}

core::result<std::unique_ptr<datagram_ways>> datagram_ways::open(const address& target, const std::vector<address>& sources) {
  std::unique_ptr<datagram_ways> out(new datagram_ways(target));
  for (const auto& s : sources) {
    if (auto added = out->add(s); !added) return core::fail(added.error());
  }
  return out;
}

core::status datagram_ways::add(const address& source) {
  auto s = std::make_unique<sender>();
  s->socket = ::socket(family_of(source), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (s->socket < 0) return core::fail(core::errc::io, fmt::format("a UDP socket: {}", std::strerror(errno)));
  enlarge(s->socket, SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge(s->socket, SO_SNDBUFFORCE, SO_SNDBUF);
  const bool bound = ::bind(s->socket, reinterpret_cast<const sockaddr*>(source.octets.data()), source.size) == 0;
  const int why = errno;
  polled_.push_back({s->socket, POLLIN, 0});
  senders_.push_back(std::move(s));
  if (!bound) return core::fail(core::errc::io, fmt::format("{} can not be a source: {}", to_text(source), std::strerror(why)));
  return {};
}

std::vector<std::string> datagram_ways::locals() const {
  std::vector<std::string> out;
  for (const auto& s : senders_) {
    const auto local = local_of(s->socket);
    out.push_back(local ? to_text(*local) : "?");
  }
  return out;
}

std::span<char> datagram_ways::room(unsigned way) {
  auto& s = *senders_[way];
  if (s.count == batch || s.octets.size() - s.used < datagram_max) flush(s);
  return std::span(s.octets).subspan(s.used, datagram_max);
}

void datagram_ways::commit(unsigned way, const address& to, std::size_t size) {
  auto& s = *senders_[way];
  s.to[s.count] = to.size == 0 ? target_ : to;
  s.places[s.count] = {s.octets.data() + s.used, size};
  auto& h = s.headers[s.count].msg_hdr;
  h = {};
  h.msg_name = s.to[s.count].octets.data();
  h.msg_namelen = s.to[s.count].size;
  h.msg_iov = &s.places[s.count];
  h.msg_iovlen = 1;
  s.used += size;
  ++s.count;
}

void datagram_ways::flush() {
  for (const auto& s : senders_) {
    if (s->count > 0) flush(*s);
  }
}

// What the kernel does not take is lost, as a datagram may be: its sender sends it again.
void datagram_ways::flush(sender& s) {
  for (unsigned sent = 0; sent < s.count;) {
    const int n = ::sendmmsg(s.socket, s.headers.data() + sent, s.count - sent, 0);
    if (n <= 0 && trouble_.empty()) trouble_ = fmt::format("sending to {}: {}", to_text(s.to[sent]), std::strerror(errno));
    sent += n > 0 ? static_cast<unsigned>(n) : 1;
  }
  s.count = 0;
  s.used = 0;
}

void datagram_ways::wait(core::time_point until) {
  const auto left = std::clamp<core::duration>(until - clock_now(), core::duration::zero(), std::chrono::seconds(1));
  const timespec t{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
  if (::ppoll(polled_.data(), polled_.size(), &t, nullptr) <= 0) {
    for (auto& p : polled_) p.revents = 0;
  }
}

void datagram_ways::receive(machine& m) {
  for (unsigned i = 0; i < polled_.size(); ++i) {
    if (polled_[i].revents != 0) read(i, m);
  }
}

void datagram_ways::read(unsigned way, machine& m) {
  for (std::size_t i = 0; i < batch; ++i) headers_[i].msg_hdr.msg_namelen = static_cast<socklen_t>(from_[i].octets.size());
  const int n = ::recvmmsg(polled_[way].fd, headers_.data(), batch, 0, nullptr);
  const auto now = clock_now();
  for (int i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    from_[at].size = static_cast<std::uint8_t>(headers_[at].msg_hdr.msg_namelen);
    const std::string_view text(static_cast<const char*>(places_[at].iov_base), headers_[at].msg_len);
    m.on_message({way, from_[at], text}, now);
  }
}

}  // namespace phyllo::load

#include "port/datagram_queue.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace phyllo::transport {
namespace {

bool is_full(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

// False: it could not be sent.
bool send_one(int socket, const asio::ip::udp::endpoint& to, core::byte_view data) noexcept {
  for (int attempt = 0; attempt < 2; ++attempt) {  // the first may report an earlier datagram's ICMP error
    if (::sendto(socket, data.data(), data.size(), 0, to.data(), static_cast<socklen_t>(to.size())) >= 0) return true;
    if (is_full(errno)) return false;
  }
  return false;
}

}  // namespace

void datagram_queue::push(const endpoint& to, core::byte_view data) noexcept {
  assert(has_room(data.size()));
  auto* at = octets_.get() + used_;
  if (!data.empty()) std::memcpy(at, data.data(), data.size());
  used_ += data.size();
  ++count_;
  const asio::ip::udp::endpoint where(to.address, to.port);
  if (continues_run(where, data.size())) {
    auto& run = list_[messages_ - 1];
    run.part.iov_len += data.size();
    ++run.pieces;
    return announce_cut(messages_ - 1);
  }
  auto& m = list_[messages_];
  m.to = where;
  m.part = {at, data.size()};
  m.segment = data.size();
  m.pieces = 1;
  headers_[messages_++].msg_hdr = {.msg_name = m.to.data(),
                                   .msg_namelen = static_cast<socklen_t>(m.to.size()),
                                   .msg_iov = &m.part,
                                   .msg_iovlen = 1,
                                   .msg_control = nullptr,
                                   .msg_controllen = 0,
                                   .msg_flags = 0};
}

// The last one of a run may be the shorter.
bool datagram_queue::continues_run(const asio::ip::udp::endpoint& to, std::size_t size) const noexcept {
  if (messages_ == 0 || size == 0 || size > segment_max) return false;
  const auto& last = list_[messages_ - 1];
  const bool whole = last.part.iov_len == last.segment * last.pieces;
  return whole && size <= last.segment && last.segment <= segment_max && last.to == to;
}

void datagram_queue::announce_cut(std::size_t i) noexcept {
  auto& m = list_[i];
  auto& header = headers_[i].msg_hdr;
  header.msg_control = m.cut.octets.data();
  header.msg_controllen = m.cut.octets.size();
  auto* c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = SOL_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto segment = static_cast<std::uint16_t>(m.segment);
  std::memcpy(CMSG_DATA(c), &segment, sizeof segment);
}

datagram_queue::outcome datagram_queue::flush(int socket) noexcept {
  outcome out;
  std::size_t gone = 0;
  while (gone < messages_) {  // ends: each turn takes one away at least, or all
    const int n = ::sendmmsg(socket, &headers_[gone], static_cast<unsigned>(messages_ - gone), 0);
    if (n < 0 && is_full(errno)) break;
    gone += static_cast<std::size_t>(std::max(n, 0));
    if (gone < messages_) out.error_told = true;  // the error of a message behind the first is lost
    if (n <= 0) out.unsent += send_singly(socket, list_[gone++]);
  }
  for (; gone < messages_; ++gone) out.unsent += list_[gone].pieces;
  used_ = count_ = messages_ = 0;
  return out;
}

// Where an earlier one's error was told, or the path does not take runs. How many were not sent.
std::size_t datagram_queue::send_singly(int socket, const message& m) noexcept {
  core::byte_view rest(static_cast<const std::uint8_t*>(m.part.iov_base), m.part.iov_len);
  std::size_t unsent = 0;
  for (std::size_t i = 0; i < m.pieces; ++i) {
    const auto size = std::min(m.segment, rest.size());
    if (!send_one(socket, m.to, rest.first(size))) ++unsent;
    rest = rest.subspan(size);
  }
  return unsent;
}

}  // namespace phyllo::transport

// What one turn of the event loop sends from a UDP socket: kept in memory of its own until the turn ends, and sent by one system call.
// A run of equal datagrams to one destination is one for the kernel too, which cuts it up (UDP_SEGMENT, udp(7)).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <asio/ip/udp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "phyllo/core/bytes.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

class datagram_queue {
 public:
  static constexpr std::size_t datagrams_max = 64;
  static constexpr std::size_t octets_max = 65536;  // one datagram of any size has room

  // The kernel refuses what is larger (EMSGSIZE): RFC 791 s.3.1 and RFC 768 leave so much of a packet, RFC 8200 s.3 counts no header.
  [[nodiscard]] static std::size_t payload_max(const endpoint& to) noexcept { return to.address.is_v6() ? 65535 - 8 : 65535 - 20 - 8; }

  datagram_queue() : octets_(new std::uint8_t[octets_max]) {}  // untouched pages cost nothing

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] bool has_room(std::size_t size) const noexcept { return count_ < datagrams_max && size <= octets_max - used_; }
  void push(const endpoint& to, core::byte_view data) noexcept;  // while has_room(); payload_max() at most

  // How many messages these are for the kernel: a run is one.
  [[nodiscard]] std::size_t messages() const noexcept { return messages_; }

  struct outcome {
    std::size_t unsent = 0;   // the socket was full, or it was one that could not be sent
    bool error_told = false;  // the socket told of an error, which may be an earlier datagram's
  };
  // All goes, in its order, or is given up; then the queue is empty.
  outcome flush(int socket) noexcept;

 private:
  // Longer ones may have to be fragmented, which the kernel does not do to runs: what IPv6's least MTU leaves (RFC 8200 s.5).
  static constexpr std::size_t segment_max = 1280 - 40 - 8;

  struct alignas(cmsghdr) control {
    std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> octets{};
  };
  struct message {
    asio::ip::udp::endpoint to;
    iovec part{};
    control cut;
    std::size_t segment = 0;  // the octets of each datagram but the last one
    std::size_t pieces = 0;
  };

  [[nodiscard]] bool continues_run(const asio::ip::udp::endpoint& to, std::size_t size) const noexcept;
  void announce_cut(std::size_t i) noexcept;
  [[nodiscard]] std::size_t send_singly(int socket, const message& m) noexcept;

  std::unique_ptr<std::uint8_t[]> octets_;
  std::size_t used_ = 0;
  std::size_t count_ = 0;  // datagrams
  std::size_t messages_ = 0;
  std::array<message, datagrams_max> list_;
  std::array<mmsghdr, datagrams_max> headers_{};
};

}  // namespace phyllo::transport

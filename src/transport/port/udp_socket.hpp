// One bound UDP socket: a permanent reader that drains it in batches, and the table of associations by remote endpoint. Every
// datagram_port of a real host is one. What is sent in one turn of the event loop goes when that ends, by one system call.
#pragma once

#include <asio/ip/udp.hpp>
#include <memory>
#include <optional>
#include <unordered_map>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/transport/datagram_channel.hpp"
#include "phyllo/transport/datagram_filter.hpp"
#include "phyllo/transport/datagram_port.hpp"
#include "phyllo/transport/steering.hpp"
#include "port/datagram_queue.hpp"
#include "port/readiness.hpp"

namespace phyllo::transport {

// Where batches are received: one a host, since only one socket is read at a time.
class receive_arena {
 public:
  static constexpr std::size_t batch = 16;
  static constexpr std::size_t datagram_max = 65536;
  receive_arena() : memory_(new std::uint8_t[batch * datagram_max]) {}  // untouched pages cost nothing
  [[nodiscard]] std::uint8_t* slot(std::size_t i) noexcept { return memory_.get() + i * datagram_max; }

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
};

class udp_socket final : public datagram_port, public std::enable_shared_from_this<udp_socket> {
 public:
  // address_in_use, not_permitted with the port in the detail. All references must outlive the socket's open state. `shared`: with other
  // sockets of this process (port_sharing.hpp).
  [[nodiscard]] static core::result<std::shared_ptr<udp_socket>> open(core::environment& env, core::metrics& m, receive_arena& arena,
                                                                      const endpoint& at, bool shared = false);
  udp_socket(core::environment& env, core::metrics& m, receive_arena& arena);

  // `by` may destroy channels, and close the socket. It outlives the socket's open state.
  void start(datagram_service* by);
  void close();
  core::status send(const endpoint& to, core::byte_view data) override;
  core::status send_batch(std::span<const outgoing_datagram> batch) override;
  // The kernel drops such shares (drop_filter.hpp). `dropped`: since the last call.
  socket_load shed(const drop_rule& rule, const drop_shares& dropped);
  [[nodiscard]] const endpoint& local() const noexcept override { return local_; }

  // As steer_port().
  [[nodiscard]] core::status steer(const steering& by);
  [[nodiscard]] bool claimed(const endpoint& remote) const { return channels_.contains(remote); }
  // Takes all from `remote` that is no STUN. At most one a remote endpoint.
  [[nodiscard]] std::unique_ptr<datagram_channel> make_channel(const endpoint& remote);
  [[nodiscard]] datagram_receiver* receiver_of(const endpoint& remote) const;

 private:
  friend class udp_channel;
  void drain();
  void drain_soon();
  int receive_batch();
  void read_errors();
  void flush_soon();
  void flush();

  core::metrics& metrics_;
  receive_arena& arena_;
  asio::ip::udp::socket socket_;
  endpoint local_;
  datagram_service* service_ = nullptr;  // null: closed
  drop_shares shed_;
  unsigned dropped_ = 0;  // by the kernel, so far
  std::optional<readiness> readable_;
  datagram_queue queue_;
  bool draining_ = false;    // and then the queue is sent
  bool error_told_ = false;  // by flush(): the socket tells of an error once, and its queue has more of it
  std::unordered_map<endpoint, datagram_receiver*, core::keyed_hasher> channels_;
};

}  // namespace phyllo::transport

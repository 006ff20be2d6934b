// Carries out what a turn_server says, at a host's ports and streams. A packet that is relayed starts no coroutine and takes no memory.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/nat/turn_service.hpp"
#include "turn/turn_outbox.hpp"
#include "turn/turn_server.hpp"
#include "turn/turn_stream.hpp"

namespace phyllo::nat {

class turn_shell final : public turn_service, public transport::datagram_service, public transport::stream_service, private turn_actions {
 public:
  turn_shell(core::environment& env, transport::doors& host, turn_settings settings, const turn_credentials& credentials, core::metrics& m);
  void start();

  [[nodiscard]] turn_status status() const override { return {server_.allocations(), server_.relays()}; }
  core::awaitable<void> stop() override;

  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override;
  void on_stream(std::unique_ptr<transport::stream> s) override;

 private:
  // A relay port, and who hears what comes to it.
  struct relay final : transport::datagram_service {
    relay(turn_shell& s, relay_number n) : shell(s), number(n) {}
    void on_datagram(transport::datagram_port&, const transport::incoming_datagram& d) override {
      shell.server_.on_peer(number, d.from, d.data, shell.env_.now());
    }
    turn_shell& shell;
    relay_number number;
    std::shared_ptr<transport::datagram_port> port;
  };

  void to_client(const five_tuple& to, core::byte_view data) override;
  void to_peer(relay_number from, const core::endpoint& peer, core::byte_view data, bool whole) override;
  bool open_relay(relay_number n, const core::endpoint& at) override;
  void close_relay(relay_number n) override;

  void send(transport::datagram_port& by, const core::endpoint& to, core::byte_view data);
  core::awaitable<void> keep_flushing();
  core::awaitable<void> keep_time();
  core::awaitable<void> serve(std::shared_ptr<turn_stream> s);
  core::awaitable<void> write(std::shared_ptr<turn_stream> s);
  void on_piece(turn_stream& s, const stun::framing::piece& p);

  core::environment& env_;
  transport::doors& host_;
  core::metrics& metrics_;
  std::unordered_map<core::endpoint, transport::datagram_port*, core::keyed_hasher> ports_;  // of the host, by their own end
  std::unordered_map<five_tuple, turn_stream*, core::keyed_hasher> streams_;
  std::vector<std::unique_ptr<relay>> relays_;
  turn_outbox outbox_;
  std::unique_ptr<core::timer> full_;  // woken when something waits in outbox_
  turn_server server_;
  core::task_scope scope_;
};

}  // namespace phyllo::nat

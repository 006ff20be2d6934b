// The client half of transaction_layer (RFC 3261 s.17.1): sends our requests, and matches the responses to them.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "transaction_client.hpp"
#include "transaction_clock.hpp"
#include "transaction_invite_client.hpp"
#include "transaction_layer.hpp"
#include "transaction_table.hpp"

namespace phyllo::sip {

class client_transactions {
 public:
  struct parts {
    core::environment& env;
    transport_layer& transport;
    const transaction_options& options;
    core::metrics& metrics;
    transaction_clock& clock;
  };
  // What `p` names must outlive it.
  explicit client_transactions(parts p) : parts_(p), table_(core::random_hash_key(p.env), 1) {}
  void observe(transaction_user* user) noexcept { user_ = user; }  // null: nobody

  // As transaction_layer has them.
  core::result<client_id> send_request(message request, destination to);
  void cancel(std::uint64_t id);
  void on_response(message m, const source& from);
  void on_send_failed(std::uint64_t token, const core::error& why);

  void on_timer(std::uint64_t id);  // the clock's
  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

 private:
  struct client {
    std::uint64_t id = 0;
    std::string key;
    std::variant<invite_client_transaction, client_transaction> machine;
    destination to;
    // As it went out, our Via on top: for retransmissions, and for what is made of it. After a refusal of an INVITE it is the ACK;
    // nothing is left when nothing can follow.
    std::string text{};
    std::unique_ptr<destination> instead{};  // UDP, where size made us try TCP (s.18.1.1)
    core::time_point scheduled = core::time_point::max();
    bool own_cancel = false;     // a CANCEL made here: nobody above hears of it
    bool cancel_wanted = false;  // before the first provisional response
    bool cancelled = false;
    bool acknowledged = false;
  };

  void send_cancel(client& c);
  core::status transmit(client& c, message& request);  // prints it for its destination and sends
  void change_protocol(client& c, message& request, protocol p);
  void retransmit(const client& c);
  void acknowledge(client& c, const message& response);
  void respond(client& c, message response, const source& from);
  void failed(client& c, const core::error& why);
  // To be called after whatever may have moved a machine: sets its next timer, or erases it when terminated.
  void settle(client& c);
  [[nodiscard]] bool told(const client& c) const noexcept { return !c.own_cancel && user_ != nullptr; }

  parts parts_;
  transaction_user* user_ = nullptr;
  transaction_table<client> table_;
};

}  // namespace phyllo::sip

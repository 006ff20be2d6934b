// The server half of transaction_layer (RFC 3261 s.17.2): tells new requests from retransmitted ones, and sends what answers them.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "phyllo/core/fifo.hpp"
#include "transaction_clock.hpp"
#include "transaction_invite_server.hpp"
#include "transaction_layer.hpp"
#include "transaction_server.hpp"
#include "transaction_table.hpp"

namespace phyllo::sip {

class server_transactions {
 public:
  struct parts {
    core::environment& env;
    transport_layer& transport;
    const transaction_options& options;
    core::metrics& metrics;
    transaction_clock& clock;
  };
  // What `p` names must outlive it.
  explicit server_transactions(parts p);
  void observe(transaction_user* user) noexcept { user_ = user; }  // null: nobody

  // `others`: the client transactions that there are, which have the same bound.
  void on_request(message m, const source& from, std::size_t others);
  // As transaction_layer has them.
  void reply(std::uint64_t id, const message& response);
  void reply(std::uint64_t id, int status, std::string_view phrase);
  [[nodiscard]] std::shared_ptr<const message> request_of(std::uint64_t id);
  [[nodiscard]] bool merged(std::uint64_t id);
  [[nodiscard]] std::string to_tag_for(std::uint64_t id);

  void on_timer(std::uint64_t id);  // the clock's
  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

 private:
  struct server {
    std::uint64_t id = 0;
    std::string key;
    std::string merge;
    std::variant<invite_server_transaction, server_transaction> machine;
    std::shared_ptr<const message> request;  // until the final response
    destination reply_to;
    std::string response{};  // the last one, for retransmissions
    std::string to_tag{};
    core::time_point scheduled = core::time_point::max();
    bool of_stranger = false;
  };

  server& start(std::string key, std::shared_ptr<const message> request, const source& from);
  void on_ack(message m, const source& from);
  void refuse(const message& request, const source& from, const refusal& why);
  void send(server& s, const message& response);
  void retransmit(const server& s);
  std::string& tag_of(server& s);
  void stranger_answered(std::uint64_t id);
  // To be called after whatever may have moved a machine: sets its next timer, or erases it when terminated.
  void settle(server& s);
  void erase(const server& s);

  parts parts_;
  transaction_user* user_ = nullptr;
  transaction_table<server> table_;
  std::map<std::string, std::size_t, std::less<>> merges_;  // ordered as the table's keys are
  core::fifo<std::uint64_t> strangers_answered_;            // the oldest first; some have ended
  core::counter& strangers_forgotten_;
  std::uint64_t last_id_ = 0;
};

}  // namespace phyllo::sip

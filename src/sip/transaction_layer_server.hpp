// The server half of transaction_layer (RFC 3261 s.17.2): tells new requests from retransmitted ones, and sends what answers them.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
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
    std::variant<invite_server_transaction, server_transaction> machine;
    std::shared_ptr<const message> request;  // until the final response
    destination reply_to;
    std::uint64_t merge = 0;               // its merge_key, hashed; 0: it can not be merged
    std::string response{};                // the last one, as long as it may be asked for again
    std::array<std::uint8_t, 8> to_tag{};  // zeros: none yet
    core::time_point scheduled = core::time_point::max();
    bool of_stranger = false;
  };

  server& start(std::string key, std::shared_ptr<const message> request, const source& from);
  void on_ack(message m, const source& from);
  void refuse(const message& request, const source& from, const refusal& why);
  void send(server& s, const message& response);
  void retransmit(const server& s);
  [[nodiscard]] std::string tag_of(server& s);
  [[nodiscard]] std::uint64_t merge_of(const message& request) const;
  void stranger_answered(std::uint64_t id);
  // To be called after whatever may have moved a machine: sets its next timer, or erases it when terminated.
  void settle(server& s);
  void erase(const server& s);

  parts parts_;
  transaction_user* user_ = nullptr;
  core::hash_key key_;
  transaction_table<server> table_;
  std::unordered_map<std::uint64_t, std::size_t> merges_;  // by keyed hashes
  core::fifo<std::uint64_t> strangers_answered_;           // the oldest first; some have ended
  core::counter& strangers_forgotten_;
};

}  // namespace phyllo::sip

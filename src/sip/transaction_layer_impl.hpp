// The inside of transaction_layer; seen by transaction_layer*.cpp only.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <variant>

#include "phyllo/core/fifo.hpp"
#include "phyllo/core/task_scope.hpp"
#include "response_target.hpp"
#include "transaction_client.hpp"
#include "transaction_invite_client.hpp"
#include "transaction_invite_server.hpp"
#include "transaction_key.hpp"
#include "transaction_layer.hpp"
#include "transaction_schedule.hpp"
#include "transaction_server.hpp"

namespace phyllo::sip {

struct transaction_layer::impl {
  struct client {
    std::uint64_t id = 0;
    std::string key;
    std::variant<invite_client_transaction, client_transaction> machine;
    message request;    // our Via on top
    std::string bytes;  // for retransmissions; empty when reliable
    destination to;
    std::optional<destination> instead;  // UDP, where size made us try TCP (s.18.1.1)
    core::time_point scheduled = core::time_point::max();
    bool own_cancel = false;     // a CANCEL made here: nobody above hears of it
    bool cancel_wanted = false;  // before the first provisional response
    bool cancelled = false;
  };
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

  impl(core::environment& e, transport_layer& t, transaction_options o, core::metrics& m, core::logger l);

  // ---- Upward from the transport
  void on_request(message m, const source& from);
  void on_response(message m, const source& from);
  void on_send_failed(std::uint64_t token, const core::error& why);

  // ---- Client side
  core::result<client_id> send_request(message request, destination to);
  void cancel(std::uint64_t id);
  void send_cancel(client& c);
  core::status transmit(client& c);  // (re)prints for its destination and sends
  void retransmit(const client& c);
  void client_response(client& c, message response, const source& from);
  void client_failed(client& c, const core::error& why);
  std::string make_branch();
  std::string stateless_branch(const message& request);

  // ---- Server side
  server* start_server(std::string key, std::shared_ptr<const message> request, const source& from);
  void on_ack(message m, const source& from);
  void refuse(const message& request, const source& from, const refusal& why);
  void reply(server& s, const message& response);
  void retransmit(const server& s);
  std::string& tag_of(server& s);
  void stranger_answered(std::uint64_t id);

  // ---- Timers
  core::awaitable<void> drive();
  void on_timer(std::uint64_t id);
  void client_timer(client& c);
  void server_timer(server& s);
  // To be called after whatever may have moved a machine: sets its next timer, or erases it when terminated.
  void settle(client& c);
  void settle(server& s);

  [[nodiscard]] client* find_client(std::uint64_t id) noexcept;
  [[nodiscard]] server* find_server(std::uint64_t id) noexcept;
  void erase(client& c);
  void erase(server& s);
  [[nodiscard]] std::size_t size() const noexcept { return clients.size() + servers.size(); }
  // Client ids are odd, server ids even; none is 0.
  [[nodiscard]] static bool is_client(std::uint64_t id) noexcept { return (id & 1) != 0; }

  core::environment& env;
  transport_layer& transport;
  transaction_options options;
  core::metrics& metrics;
  core::logger log;
  transaction_user* user = nullptr;

  std::unordered_map<std::uint64_t, client> clients;
  std::unordered_map<std::uint64_t, server> servers;
  // Ordered maps: keys are chosen by strangers, who could make a hash table slow.
  std::map<std::string, std::uint64_t, std::less<>> client_keys;
  std::map<std::string, std::uint64_t, std::less<>> server_keys;
  std::map<std::string, std::size_t, std::less<>> merges;
  core::fifo<std::uint64_t> strangers_answered;  // the oldest first; some have ended
  core::counter& strangers_forgotten;
  std::uint64_t last_id = 0;
  transaction_schedule schedule;
  std::unique_ptr<core::timer> alarm;
  core::task_scope scope;
};

}  // namespace phyllo::sip

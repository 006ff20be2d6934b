// The transactions of one shard (RFC 3261 s.17, RFC 6026): matches messages to the four machines, runs all their
// timers from one driver, and talks upward through transaction_user.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "message.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "transaction.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// Names of transactions; never used again within the process' life.
enum class server_id : std::uint64_t { none = 0 };
enum class client_id : std::uint64_t { none = 0 };

// The core above. Calls come on the executor. Calls into the layer are allowed from inside these.
class transaction_user {
 public:
  virtual ~transaction_user() = default;

  // A new request: neither ACK nor CANCEL, without defect, not a retransmission. Answer it with reply(); INVITE gets
  // a 100 by itself after 200 ms (s.17.2.1).
  virtual void on_request(server_id id, std::shared_ptr<const message> request, const source& from) = 0;
  // A new CANCEL and the INVITE transaction it matches (s.9.2); none: 481, or forward statelessly (s.16.10).
  virtual void on_cancel(server_id cancel, server_id invite, std::shared_ptr<const message> request, const source& from) = 0;
  // An ACK that no server transaction absorbs: for a 2xx (s.13.2.2.4); forward it with send_stateless.
  virtual void on_ack(message ack, const source& from) = 0;

  // A response to a client transaction, our Via still on top. For INVITE every 2xx comes, retransmitted ones and
  // those of other forks too (RFC 6026).
  virtual void on_response(client_id id, message response, const source& from) = 0;
  // Timer B or F (treat as 408), and a failed transport (as 503): the transaction has ended.
  virtual void on_timeout(client_id id) = 0;
  virtual void on_transport_error(client_id id, const core::error& why) = 0;
  // s.16.8: no answer but provisional ones for the whole of Timer C. The layer has sent a CANCEL; a response (487) or
  // on_timeout follows.
  virtual void on_timer_c(client_id id) = 0;

  // The server transaction has ended: absorbed, timed out, or (64*T1 after a request other than INVITE) never answered.
  virtual void on_server_ended(server_id id) = 0;
  virtual void on_flow_closed(flow_id flow) = 0;
};

struct transaction_options : transaction_settings {
  // Of those that have been answered, of sources by UDP that have not shown that they receive: more make the oldest end, for all that
  // it does is to send the answer again.
  std::size_t strangers_answered_max = 8'192;
  std::uint8_t shard = 0;  // written into our branches
};

class transaction_layer final : public transport_user {
 public:
  // References must outlive it. It becomes the transport's user until stop().
  transaction_layer(core::environment& env, transport_layer& transport, transaction_options o, core::metrics& m, core::logger log);
  ~transaction_layer() override;
  transaction_layer(const transaction_layer&) = delete;
  transaction_layer& operator=(const transaction_layer&) = delete;

  void observe(transaction_user* user);

  // Starts a client transaction: pushes our Via with a fresh branch and sends. A request over 1300 bytes for UDP goes
  // by TCP first (s.18.1.1). Not for ACK. errc::overloaded.
  core::result<client_id> send_request(message request, destination to);
  // A CANCEL for a pending INVITE client transaction (s.9.1): once a provisional response has come, then at once, else
  // after the first one. Its responses stay in the layer. Does nothing for a transaction that is over.
  void cancel(client_id invite);
  // Pushes a Via and sends without a transaction: ACK for 2xx.
  core::status send_stateless(message request, destination to);
  // As transport_layer::prove: who has answered a challenge of ours.
  void prove(const source& from);
  [[nodiscard]] std::size_t room_for(const source& from) const;  // as transport_layer::room_for
  void keep_flow(flow_id flow, bool kept);                       // as transport_layer::keep_flow

  // A response in the server transaction. Several provisional ones, one final one; for INVITE further 2xx
  // (RFC 6026). Does nothing for a transaction that has ended.
  void reply(server_id id, message response);
  void reply(server_id id, int status, std::string_view phrase = {});  // with a To tag of its own
  void reply_stateless(const message& request, const source& from, message response);

  // The request of a server transaction that is not yet answered finally; null otherwise.
  [[nodiscard]] std::shared_ptr<const message> request_of(server_id id) const;
  // s.8.2.2.2: another server transaction is going on for the same From tag, Call-ID and CSeq (482 Loop Detected).
  [[nodiscard]] bool merged(server_id id) const;
  [[nodiscard]] std::string to_tag_for(server_id id) const;  // the tag that reply(id, status) uses

  [[nodiscard]] std::size_t size() const noexcept;

  void on_message(message m, const source& from) override;
  void on_send_failed(std::uint64_t token, const core::error& why) override;
  void on_flow_closed(flow_id flow) override;

  core::awaitable<void> stop();  // ends all transactions silently; before destruction

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace phyllo::sip

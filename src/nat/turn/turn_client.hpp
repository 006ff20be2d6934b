// A TURN client (RFC 8656 s.7 to s.12) as a machine: one allocation, its permissions and channels, kept fresh; long-term credentials with
// the server's nonce (401, 438) and the better of its password algorithms. It is told what came and when; what it wants sent is in
// output().
//
// One request at a time is under way, the others wait, so a new nonce is learnt once.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "phyllo/stun/credentials.hpp"
#include "phyllo/stun/message_writer.hpp"
#include "phyllo/stun/transaction.hpp"
#include "turn/port_pool.hpp"

namespace phyllo::nat {

struct turn_client_settings {
  std::string username;  // both have been prepared (stun::opaque_string)
  std::string password;
  stun::address_family family = stun::address_family::v4;
  bool over_stream = false;
  stun::transaction_timing timing;
};

class turn_client {
 public:
  static constexpr std::size_t peers_max = 64;

  enum class state : std::uint8_t { idle, allocating, allocated, releasing, ended };

  struct news {
    enum class what : std::uint8_t {
      nothing,
      allocated,  // relayed() and mapped() are known
      permitted,  // `peer` may send
      bound,      // `peer` has a channel
      refused,    // a permission or channel of `peer`, with `code`
      data,       // from `peer`; the data is valid as long as what was received
      ended,      // with `code` of the server; 0: released, or nobody answered
    };
    what kind = what::nothing;
    core::endpoint peer{};
    int code = 0;
    core::byte_view data{};
  };

  // `key`: random and secret, for transaction ids.
  turn_client(turn_client_settings s, const core::hash_key& key) : settings_(std::move(s)), numbers_(key) {}

  void allocate(core::time_point now);
  // From now until the end; false: there are peers_max already, or no allocation.
  bool permit(const core::endpoint& peer, core::time_point now);
  bool bind(const core::endpoint& peer, core::time_point now);
  void release(core::time_point now);

  [[nodiscard]] news receive(core::byte_view octets, core::time_point now);
  [[nodiscard]] news at(core::time_point now);
  // When at() is to be called; nullopt: not before something comes.
  [[nodiscard]] std::optional<core::time_point> next() const;
  // A request to be sent now; nullopt: none, any more.
  [[nodiscard]] std::optional<core::bytes> output();

  // `data` as it goes to the server, by the peer's channel if there is one, else as a Send indication; empty: `into` has no room.
  [[nodiscard]] core::byte_view wrap(const core::endpoint& peer, core::byte_view data, std::span<std::uint8_t> into);

  [[nodiscard]] state now_in() const noexcept { return state_; }
  [[nodiscard]] const std::optional<core::endpoint>& relayed() const noexcept { return relayed_; }
  [[nodiscard]] const std::optional<core::endpoint>& mapped() const noexcept { return mapped_; }

 private:
  struct job {
    stun::method what = stun::method::allocate;
    core::endpoint peer{};
  };
  struct flight {
    job of;
    core::bytes octets;
    stun::transaction_id id{};
    stun::client_transaction timing;
    unsigned challenges = 0;  // how often it was answered 401 or 438
  };
  struct peer_state {
    std::uint16_t channel = 0;  // 0: none
    bool bound = false;
    bool told = false;  // its owner knows
    core::time_point refresh_at = core::time_point::max();
  };

  void start_next(core::time_point now, unsigned challenges = 0);
  [[nodiscard]] core::bytes request(const job& j, const stun::transaction_id& id);
  void fill(stun::message_writer& w, const job& j) const;
  void add_credentials(stun::message_writer& w) const;
  [[nodiscard]] stun::transaction_id fresh();
  [[nodiscard]] bool genuine(const stun::message_view& m) const;
  [[nodiscard]] bool learn_challenge(const stun::message_view& m);
  [[nodiscard]] news on_indication(const stun::message_view& m) const;
  [[nodiscard]] news on_channel_data(core::byte_view octets) const;
  [[nodiscard]] news on_success(const stun::message_view& m, const job& j, core::time_point now);
  [[nodiscard]] news on_error(const stun::message_view& m, flight f, core::time_point now);
  [[nodiscard]] news on_allocated(const stun::message_view& m, core::time_point now);
  [[nodiscard]] news give_up(const job& j, int code, core::time_point now);
  void due(core::time_point now);

  turn_client_settings settings_;
  keyed_sequence numbers_;
  state state_ = state::idle;
  std::deque<job> waiting_;
  std::optional<flight> flight_;
  std::optional<core::bytes> output_;
  std::string realm_;
  std::string nonce_;
  core::bytes algorithms_;  // PASSWORD-ALGORITHMS as the server sent it; empty: it did not
  std::optional<stun::password_algorithm> algorithm_;
  stun::long_term_key key_;
  std::optional<core::endpoint> relayed_;
  std::optional<core::endpoint> mapped_;
  core::time_point refresh_at_ = core::time_point::max();
  std::map<core::endpoint, peer_state> peers_;
  std::uint16_t channels_ = 0;
};

}  // namespace phyllo::nat

// The inside of shard_exchange: which shard a request, a response, a flow or an address is of, and the post between the shards' transports.
// The ends are told on their own shard; everything else may be asked on any.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialog_count.hpp"
#include "domain_secrets.hpp"
#include "guess_limit.hpp"
#include "message.hpp"
#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/sip/shard_exchange.hpp"
#include "shared_counts.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// One shard's end: hears what others pass on to it.
class shard_end {
 public:
  virtual ~shard_end() = default;
  virtual void take(message m, const source& from, core::time_point since) = 0;  // it has waited since then
  // To be sent by this shard; what fails later is told to the shard `by`.
  virtual void send_for(unsigned by, const destination& to, core::byte_view bytes, std::uint64_t token) = 0;
  virtual void failed(std::uint64_t token, const core::error& why) = 0;
  virtual void flow_closed(flow_id flow) = 0;
  virtual void close_own(flow_id flow) = 0;
  virtual void keep_own(unsigned by, flow_id flow, bool kept) = 0;
  virtual void prove_own(const source& from) = 0;
};

struct shard_exchange::impl : std::enable_shared_from_this<impl> {
  impl(core::environment& env, std::vector<core::shard_door*> d, const transport::steering& s, const std::vector<std::string>& domains)
      : doors(std::move(d)),
        by(s),
        key(core::random_hash_key(env)),
        secrets(env, domains),
        ends(doors.size(), nullptr),
        guesses(doors.size(), nullptr),
        calls(key) {}

  [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(doors.size()); }

  // What it is called with runs on that shard, and not at all once the end has gone. False: too much waits there already.
  bool post(unsigned to, std::move_only_function<void(shard_end&)> what) {
    return doors[to]->post([self = shared_from_this(), to, w = std::move(what)]() mutable {
      if (self->ends[to] != nullptr) w(*self->ends[to]);
    });
  }
  // A wrong password counts at all shards: they keep the guesses of an address by the same key.
  void tell_guess(unsigned by_shard, const guess_limit::attempt& who, core::time_point now) {
    for (unsigned i = 0; i < size(); ++i) {
      if (i == by_shard) continue;
      doors[i]->post([self = shared_from_this(), i, who, now] {
        if (self->guesses[i] != nullptr) self->guesses[i]->failed(who, now);
      });
    }
  }
  // Of a call, whose ends may be two shards': they are counted by the first.
  void count_call(std::move_only_function<void(dialog_count&)> what) {
    doors[0]->post([self = shared_from_this(), w = std::move(what)]() mutable { w(self->calls); });
  }

  // A user of ours, or whoever else says so of himself: what he asks for is done by one shard.
  [[nodiscard]] unsigned home_of(std::string_view user) const { return static_cast<unsigned>(keyed_hash(key, user) % size()); }

  std::vector<core::shard_door*> doors;
  transport::steering by;
  core::hash_key key;
  domain_secrets secrets;             // until a keyring comes, the same for all
  std::vector<shard_end*> ends;       // each touched on its own shard only
  std::vector<guess_limit*> guesses;  // as those
  dialog_count calls;                 // on the first
  shared_counts ringing;              // on any
};

// A flow's number begins with its shard's.
inline constexpr unsigned flow_shard_bits = 56;
[[nodiscard]] constexpr unsigned shard_of(flow_id flow) noexcept {
  return static_cast<unsigned>(static_cast<std::uint64_t>(flow) >> flow_shard_bits);
}

}  // namespace phyllo::sip

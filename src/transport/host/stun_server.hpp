// STUN at a host's ports (RFC 8489): Binding requests are answered over UDP, TCP and TLS, datagrams carry the proofs of reachability, and
// answers to requests of ours find who asked. TURN is a kind of its own over UDP; of streams it begins as STUN does, and is counted here.
#pragma once

#include <functional>
#include <map>

#include "host/host_state.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/task_scope.hpp"
#include "port/reachability.hpp"

namespace phyllo::transport {

class stun_server final : public datagram_service, public stream_service {
 public:
  // Hears the answer to a request of ours.
  using answer_handler = std::function<void(const stun::message& answer, const endpoint& from)>;

  // `state` must outlive it.
  explicit stun_server(host_state& state)
      : state_(state),
        reach_(state.env, state.metrics),
        probes_(probes_max, core::random_hash_key(state.env), &state.metrics.evictions("stun_probes")),
        streams_(state.env) {}

  void on_datagram(datagram_port& port, const incoming_datagram& d) override;
  void on_stream(std::unique_ptr<stream> s) override;

  // The proofs that others have given, by datagrams.
  [[nodiscard]] reachability& proofs() noexcept { return reach_; }

  void expect(const stun::transaction_id& id, answer_handler handler) { expected_.insert_or_assign(id, std::move(handler)); }
  void forget(const stun::transaction_id& id) { expected_.erase(id); }
  // As doors::probe().
  static constexpr std::size_t probes_max = 1024;
  void probe(datagram_port& from, const endpoint& to, std::function<void()> answered);

  void cancel();
  core::awaitable<void> join() { return streams_.join(); }

 private:
  void on_answer(const stun::message& m, const endpoint& from);
  [[nodiscard]] bool take_probe(const stun::message& answer, const endpoint& from);
  [[nodiscard]] bool admits(const datagram_port& port, const endpoint& from, const stun::message& m);

  struct probed {
    endpoint to;
    core::time_point until;
    std::function<void()> answered;
  };

  host_state& state_;
  reachability reach_;
  std::map<stun::transaction_id, answer_handler> expected_;
  core::bounded_map<stun::transaction_id, probed> probes_;
  core::task_scope streams_;
};

}  // namespace phyllo::transport

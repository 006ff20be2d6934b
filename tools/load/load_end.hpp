// What one thread of a load has: its sockets, its share of the users, and the machine that it runs.
#pragma once

#include <atomic>
#include <memory>

#include "callee_machine.hpp"
#include "network.hpp"
#include "options.hpp"
#include "overlay_load.hpp"
#include "runner.hpp"
#include "sip_client.hpp"
#include "ways.hpp"

namespace phyllo::load {

struct participants {
  std::vector<user> users;
  std::vector<user> callees;
};
// core::errc::malformed, core::errc::io: of the files.
[[nodiscard]] core::result<participants> read_participants(const options& o);

class load_end {
 public:
  // core::errc::io: what can not be opened, and why.
  [[nodiscard]] static core::result<std::unique_ptr<load_end>> open(const options& o, const participants& all, unsigned thread);

  // Registers those that are called. core::errc::invalid: the server refused, or did not answer.
  [[nodiscard]] core::status prepare(const std::atomic<bool>& stop);
  // CPU seconds.
  double run(const run_plan& p, board& b, const std::atomic<bool>& stop);
  [[nodiscard]] const std::string& trouble() const noexcept { return ways_ ? ways_->trouble() : trouble_; }

 private:
  load_end(const options& o, unsigned thread) : options_(o), thread_(thread) {}
  [[nodiscard]] core::status open_ways();
  [[nodiscard]] overlay_load::settings overlay_settings(core::time_point counted_from) const;
  [[nodiscard]] std::unique_ptr<machine> make_machine(core::time_point counted_from);
  [[nodiscard]] sip_client_settings sip_settings(core::time_point counted_from) const;
  [[nodiscard]] sip_client_settings callee_settings() const;
  [[nodiscard]] std::vector<std::string> callee_names() const;
  [[nodiscard]] std::unique_ptr<machine> make_call(const sip_client_settings& s, core::time_point now);
  [[nodiscard]] bool has_callees() const noexcept { return options_.command == "sip-call" || options_.command == "sip-message"; }

  const options& options_;
  unsigned thread_;
  participants own_;
  unsigned client_ways_ = 1;
  std::unique_ptr<network> network_;
  std::vector<address> sources_;
  std::string trouble_;
  std::unique_ptr<ways> ways_;
  std::unique_ptr<callee_machine> callee_;
  unsigned runs_ = 0;  // of this: the keys of one are not the next one's
};

}  // namespace phyllo::load

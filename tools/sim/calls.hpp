// Telephones on a ring of supernodes while some of them die: SIP as it ships, over the overlay as it ships.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "experiment.hpp"
#include "phone.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/sim/carrier.hpp"
#include "phyllo/sim/ring.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::simulate {

struct calls_parameters {
  std::size_t nodes = 500;
  std::size_t users = 10'000;
  unsigned seconds = 600;    // of calls
  double calls = 0.002;      // a second and user
  unsigned talk_s = 30;      // mean
  double deaths = 2;         // of supernodes, a minute
  unsigned expires_s = 600;  // that phones ask for
};

class calls {
 public:
  calls(const calls_parameters& p, const settings& s);
  ~calls();
  void run(report& r);

 private:
  // A supernode's process above its peer.
  struct server {
    std::unique_ptr<transport::host> host;
    std::unique_ptr<sip::service> service;
    sim::node* node = nullptr;
    // From the host, or nobody any more.
    void serves(bool so) const {
      host->serve(transport::datagram_kind::text, so ? service.get() : nullptr);
      host->serve(transport::stream_kind::text, so ? service.get() : nullptr);
    }
  };
  struct telephone {
    std::unique_ptr<phone> ua;
    bool busy = false;
  };
  struct tally {
    std::size_t made = 0, good = 0, of_the_dead = 0, failed = 0;
    std::map<std::string, std::size_t> why;  // of those that failed
    std::vector<double> post_dial_ms;
  };

  void grow();
  void serve(sim::node& n);
  void register_all();
  void kill_one();
  void call();
  core::awaitable<void> keep_registered(telephone& t);
  core::awaitable<void> one_call(telephone& from, telephone& to, core::duration talk);
  core::awaitable<void> bury(std::unique_ptr<server> s);
  // A node of either phone has died since then, or died before and the phone does not know it yet.
  [[nodiscard]] bool touched(const telephone& t, const transport::endpoint& node) const;
  [[nodiscard]] transport::endpoint any_node();
  [[nodiscard]] telephone& any_phone();
  void tell(report& r);

  [[nodiscard]] sim::world& world() { return ring_.world(); }

  calls_parameters p_;
  sim::ring ring_;
  sim::carrier carrier_;
  std::shared_ptr<identity::domain_keyring> keys_ = std::make_shared<identity::domain_keyring>();
  std::map<unsigned, std::unique_ptr<server>> servers_;
  std::vector<std::unique_ptr<server>> buried_;
  std::map<asio::ip::address, core::time_point> died_;
  std::vector<telephone> phones_;
  std::size_t registered_ = 0, lost_ = 0, deaths_ = 0;
  bool ending_ = false;
  tally tally_;
};

}  // namespace phyllo::simulate

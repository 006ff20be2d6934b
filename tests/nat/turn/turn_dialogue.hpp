// A TURN client machine in dialogue with our server machine; what one wants sent, the other hears.
#pragma once

#include <doctest.h>

#include <utility>
#include <vector>

#include "turn/turn_bench.hpp"
#include "turn/turn_client.hpp"

namespace turn_dialogue {

using namespace turn_bench;
using kind = nat::turn_client::news::what;
using state = nat::turn_client::state;

inline const auto peer = at("8.8.8.8:7000");

inline nat::turn_client_settings of_alice() {
  nat::turn_client_settings s;
  s.username = "alice";
  s.password = "secret";
  return s;
}

struct dialogue {
  explicit dialogue(nat::turn_client_settings c = of_alice(), nat::turn_settings s = settings())
      : b(std::move(s)), client(std::move(c), {11, 12}) {}

  // Until neither has anything to say; the news that the client had.
  std::vector<nat::turn_client::news> talk() {
    std::vector<nat::turn_client::news> out;
    while (auto request = client.output()) {
      ++requests;
      b.done.answers.clear();
      b.server.on_message(b.client, *request, b.now, b.wall);
      for (const auto& a : b.done.answers) {
        const auto n = client.receive(a.data, b.now);
        if (n.kind != kind::nothing) out.push_back(n);
      }
    }
    return out;
  }
  std::vector<nat::turn_client::news> after(core::duration d) {
    b.now += d;
    b.server.at(b.now);
    std::vector<nat::turn_client::news> out;
    if (const auto n = client.at(b.now); n.kind != kind::nothing) out.push_back(n);
    for (const auto& n : talk()) out.push_back(n);
    return out;
  }
  void allocated() {
    client.allocate(b.now);
    const auto news = talk();
    REQUIRE(news.size() == 1);
    REQUIRE(news[0].kind == kind::allocated);
  }

  bench b;
  nat::turn_client client;
  int requests = 0;
};

}  // namespace turn_dialogue

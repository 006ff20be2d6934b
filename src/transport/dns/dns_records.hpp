// What DNS answers hold, of those that we ask for; pure.
#pragma once

#include <chrono>

#include "phyllo/core/bytes.hpp"
#include "phyllo/transport/resolver.hpp"

namespace phyllo::transport {

template <class Record>
struct dns_answer {
  std::vector<Record> records;
  std::chrono::seconds ttl{0};  // the least of all records of the answer
};

// errc::malformed. An answer without such records is an empty list.
[[nodiscard]] core::result<dns_answer<naptr_record>> parse_naptr(core::byte_view answer);
[[nodiscard]] core::result<dns_answer<srv_record>> parse_srv(core::byte_view answer);

}  // namespace phyllo::transport

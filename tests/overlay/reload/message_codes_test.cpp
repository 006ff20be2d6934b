#include "reload/message_codes.hpp"

#include <doctest.h>

#include <set>

namespace message_codes_test {

using namespace phyllo;
using namespace phyllo::overlay;

TEST_CASE("codes have the numbers of RFC 6940 s.14.8 and RFC 7851 s.9.4, and names of their own, answers too") {
  const std::vector<std::pair<std::uint16_t, std::string>> registered{{0x1, "probe_req"},
                                                                      {0x2, "probe_ans"},
                                                                      {0x3, "attach_req"},
                                                                      {0x4, "attach_ans"},
                                                                      {0x7, "store_req"},
                                                                      {0x8, "store_ans"},
                                                                      {0x9, "fetch_req"},
                                                                      {0xa, "fetch_ans"},
                                                                      {0xd, "find_req"},
                                                                      {0xe, "find_ans"},
                                                                      {0xf, "join_req"},
                                                                      {0x10, "join_ans"},
                                                                      {0x11, "leave_req"},
                                                                      {0x12, "leave_ans"},
                                                                      {0x13, "update_req"},
                                                                      {0x14, "update_ans"},
                                                                      {0x15, "route_query_req"},
                                                                      {0x16, "route_query_ans"},
                                                                      {0x17, "ping_req"},
                                                                      {0x18, "ping_ans"},
                                                                      {0x19, "stat_req"},
                                                                      {0x1a, "stat_ans"},
                                                                      {0x1d, "app_attach_req"},
                                                                      {0x1e, "app_attach_ans"},
                                                                      {0x21, "config_update_req"},
                                                                      {0x22, "config_update_ans"},
                                                                      {0x27, "path_track_req"},
                                                                      {0x28, "path_track_ans"},
                                                                      {0xffff, "error"}};
  for (const auto& [number, name] : registered) CHECK(code_name(number) == name);
  for (const auto unknown : std::initializer_list<std::uint16_t>{0, 5, 6, 0x1b, 0x25, 0x29, 0x7fff, 0x8000, 0xfffe})
    CHECK(code_name(unknown) == "other");
}

TEST_CASE("requests are odd, and below what is for private use and errors") {
  CHECK(is_request(code::probe_req));
  CHECK(is_request(code::path_track_req));
  CHECK(is_request(0x7fff));
  CHECK_FALSE(is_request(code::probe_req + 1));
  CHECK_FALSE(is_request(0));
  CHECK_FALSE(is_request(0x8001));
  CHECK_FALSE(is_request(code::error));
}

TEST_CASE("errors have the names of their registries, each its own, and others their numbers") {
  CHECK(error_name(2) == "Error_Forbidden");
  CHECK(error_name(9) == "Error_Data_Too_Old");
  CHECK(error_name(0x11) == "Error_In_Progress");
  CHECK(error_name(0x14) == "Error_Invalid_Message");
  CHECK(error_name(0x19) == "Error_Loop_Detected");
  std::set<std::string> names;
  for (std::uint16_t e = 2; e <= error_code::ttl_hops_exceeded; ++e) {
    if (e == 0x12 || e == 0x13) continue;  // of no use here: Error_Exp_A and Error_Exp_B
    CHECK(error_name(e).starts_with("Error_"));
    names.insert(error_name(e));
  }
  CHECK(names.size() == 23);
  CHECK(error_name(0) == "error 0");
  CHECK(error_name(0x1b) == "error 27");
}

}  // namespace message_codes_test

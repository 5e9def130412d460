/** What lies over the page. */
class Menus {
    palette = $state(false);
    help = $state(false);
    sidebar = $state(false);
    details = $state(false);
    assign = $state(false);
}

export const menus = new Menus();
